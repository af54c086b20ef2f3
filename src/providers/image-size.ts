/** Width and height of an image, read off its first bytes. */

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Of PNG, GIF and JPEG; undefined for the rest, and where the bytes are not what they seem. */
export const imageSize = (base64: string): ImageSize | undefined => {
  const bytes = Buffer.from(base64.slice(0, HEAD), "base64");
  if (bytes.length < 24) return undefined;
  if (bytes.readUInt32BE(0) === PNG) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.toString("latin1", 0, 4) === "GIF8")
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return bytes.readUInt16BE(0) === JPEG ? jpegSize(bytes) : undefined;
};

/** Characters of base64: cameras put a preview before the size. */
const HEAD = 128 * 1024;
const PNG = 0x89504e47;
const JPEG = 0xffd8;

/** Segments of a JPEG follow one another up to the frame's, which holds the size. */
const jpegSize = (bytes: Buffer): ImageSize | undefined => {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (isFrame(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
};

/** C0 to CF, without the tables DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

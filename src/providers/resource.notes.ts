/** What of an uploaded file could not be carried: a file of any length may name as much, and nobody reads it all. */

const MAX_NOTES = 100;

export class FileNotes extends Set<string> {
  /** The first of them are kept. */
  override add(note: string): this {
    return this.size < MAX_NOTES ? super.add(note) : this;
  }
}

/**
 * The least that a proxy on Bun can do, as the measure of what the gateway adds: `bare-proxy UPSTREAM`.
 *
 * It reads the body whole, since that costs less than streaming it, and passes the reply's chunks on.
 */

const upstream = process.argv[2] ?? "";

const forward = async (request: Request): Promise<Response> => {
  const headers = new Headers(request.headers);
  headers.delete("host");
  const { pathname } = new URL(request.url);
  const reply = await fetch(`${upstream}${pathname}`, {
    method: request.method,
    headers,
    body: await request.bytes(),
    signal: request.signal,
    redirect: "manual",
    decompress: false,
  });
  return new Response(reply.body, { status: reply.status, headers: endToEnd(reply.headers) });
};

const endToEnd = (received: Headers): Headers => {
  const headers = new Headers(received);
  for (const name of ["connection", "keep-alive", "transfer-encoding"]) headers.delete(name);
  return headers;
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  development: false,
  fetch: forward,
});
process.stdout.write(`${JSON.stringify({ event: "listening", url: server.url.origin })}\n`);

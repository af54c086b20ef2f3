/** How an exchange over HTTP can fail; `network-error.ts` knows their codes. No message says what was sent or where to. */

/** The connection ended before the answer did. */
export class ConnectionLost extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("The connection was closed before the answer was whole");
    this.name = "ConnectionLost";
  }
}

/** What came is not an answer in HTTP/1.1, or not one that can be told from the next. */
export class MalformedResponse extends Error {
  readonly code = "InvalidHTTPResponse";

  constructor(fault: string) {
    super(`The answer is not valid HTTP: ${fault}`);
    this.name = "MalformedResponse";
  }
}

export class HeadTooLarge extends Error {
  readonly code = "ResponseHeadersTooLarge";

  constructor() {
    super("The head of the answer is too large");
    this.name = "HeadTooLarge";
  }
}

/** A request's header that no head can hold: its value has a line break, or characters beyond Latin-1. */
export class HeaderUnsendable extends TypeError {
  readonly code = "ERR_HTTP_INVALID_HEADER_VALUE";
  readonly header: string;

  constructor(header: string) {
    super(`The header ${JSON.stringify(header)} cannot be sent`);
    this.name = "HeaderUnsendable";
    this.header = header;
  }
}

/** No connection came about in time. */
export class ConnectTimeout extends Error {
  readonly code = "ETIMEDOUT";

  constructor() {
    super("The connection was not made in time");
    this.name = "ConnectTimeout";
  }
}

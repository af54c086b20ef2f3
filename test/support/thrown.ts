/** The error of ours that `work` ends with, at once or later. */
import { GatewayError } from "../../src/schema/errors.ts";

export const thrown = (work: () => unknown): GatewayError => {
  try {
    work();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
};

export const rejection = async (work: Promise<unknown>): Promise<GatewayError> => {
  const ended: unknown = await work.then(
    () => new Error("Nothing was thrown"),
    (error: unknown) => error,
  );
  if (ended instanceof GatewayError) return ended;
  throw ended;
};

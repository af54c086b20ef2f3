/** The error that a promise rejects with; rejects when it does not. */
export const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("It was expected to reject");
    },
    (error: unknown) => error,
  );

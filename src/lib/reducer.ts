/**
 * Stream translation as pure reducers: a named state, one step per event.
 *
 * An author writes a `Reducer`; `seal` hides its state behind a `Stage`, `pipe` joins stages. Nothing
 * here touches a stream or a clock, so a state can be printed, tested and replayed.
 */

export interface Reducer<State, Input, Output> {
  start(): State;
  step(state: State, input: Input): readonly [State, readonly Output[]];
  /** What is still owed when the input has ended. */
  end(state: State): readonly Output[];
}

export interface Stage<Input, Output> {
  push(input: Input): readonly Output[];
  close(): readonly Output[];
}

export const seal = <State, Input, Output>(reducer: Reducer<State, Input, Output>): Stage<Input, Output> => {
  let state = reducer.start();
  return {
    push(input) {
      const [next, outputs] = reducer.step(state, input);
      state = next;
      return outputs;
    },
    close: () => reducer.end(state),
  };
};

export const pipe = <A, B, C>(first: Stage<A, B>, second: Stage<B, C>): Stage<A, C> => ({
  push: (input) => pushAll(second, first.push(input)),
  close: () => [...pushAll(second, first.close()), ...second.close()],
});

/** Every output of `stage` for `inputs`, in order. */
export const pushAll = <A, B>(stage: Stage<A, B>, inputs: readonly A[]): readonly B[] => {
  if (inputs.length === 0) return [];
  if (inputs.length === 1) return stage.push(inputs[0] as A); // length was checked
  const outputs: B[] = [];
  for (const input of inputs) outputs.push(...stage.push(input));
  return outputs;
};

/** Runs a whole list through a stage. */
export const runAll = <A, B>(stage: Stage<A, B>, inputs: Iterable<A>): readonly B[] => {
  const outputs: B[] = [];
  for (const input of inputs) outputs.push(...stage.push(input));
  outputs.push(...stage.close());
  return outputs;
};

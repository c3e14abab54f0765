import type { Failure } from '../core/result.js'

/** The store cannot be used: `failure.message` says why and what to do. Nothing of the write that threw it is kept. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'

  constructor(
    readonly failure: Failure,
    readonly damaged: boolean,
  ) {
    super(failure.message)
  }
}

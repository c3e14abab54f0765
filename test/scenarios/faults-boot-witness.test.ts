// All nodes crash at once and are booted in every order: two nodes and a witness, the third.
import { afterAll, beforeAll, it } from 'vitest'
import { bootedInTurn, ORDERS } from './faults.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fbow', database, { nodes: 3, witness: true })
})
afterAll(() => trial?.end())

it.each(ORDERS)('all crash, and are booted as %i, %i, %i: up with the second, once', (...order) =>
  bootedInTurn(trial, order),
)

// The rows of a database as a judge: a client writes all the time, and whatever was acknowledged to it must be there after each fault.
import { expect } from 'vitest'
import type { Lab } from '../lab/index.js'
import { until } from './failure.js'
import { sql } from './failure-services.js'
import { startWriter } from './writer.js'

export interface Rows {
  /** Waits until the client writes again, then fails where a row is lost, or where an older server took one after a newer; how many there are. */
  judge(title: string): Promise<number>
  end(): Promise<void>
}

/** So many rows show that the client writes again. */
const AGAIN = 5

/** Starts the client, with an empty table. */
export async function watchRows(lab: Lab, address: string): Promise<Rows> {
  await sql(lab, 'create table if not exists rows (n bigint); truncate rows')
  const writer = startWriter(lab, address)
  return {
    async judge(title) {
      const before = writer.acknowledged.length
      await until('rows are written again', async () => writer.acknowledged.length >= before + AGAIN)
      const acknowledged = [...writer.acknowledged]
      const there = new Set((await sql(lab, 'select n from rows')).split('\n').map(Number))
      const lost = acknowledged.map(({ row }) => row).filter((row) => !there.has(row))
      expect(lost, `${title}: rows that were acknowledged and are not there`).toEqual([])
      const servers = [...new Set(acknowledged.map(({ server }) => server))]
      expect(servers, `${title}: servers, in the order of their rows`).toEqual(servers.toSorted())
      return acknowledged.length
    },
    end: () => writer.stop(),
  }
}

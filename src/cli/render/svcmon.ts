import type { ClusterStatus } from '../../daemon/api/contract.js'
import { daemonRows, nodeRows } from './svcmon-nodes.js'
import { serviceRow, type SvcmonRow } from './svcmon-cells.js'
import { pad, width, type Paint } from './paint.js'
import { trimEnd } from './table.js'

export const SECTIONS = ['daemon', 'nodes', 'services'] as const
export type Section = (typeof SECTIONS)[number]

export interface SvcmonScreen {
  readonly paint: Paint
  readonly sections: readonly Section[]
  /** Names of the services to show, in this order. */
  readonly services: readonly string[]
}

/**
 * The screen of `svcmon`, in the columns of OpenSVC's (https://docs.opensvc.com, "agent.daemon"): a section a subject, a row a thing, a
 * cell a node. Columns line up over all sections.
 */
export function svcmon(status: ClusterStatus, screen: SvcmonScreen): readonly string[] {
  const rows = screen.sections.flatMap((section, i) => [
    ...(i === 0 ? [] : ['']),
    header(section, status, screen.paint),
    ...body(section, status, screen),
  ])
  return align(rows)
}

function header(section: Section, status: ClusterStatus, paint: Paint): SvcmonRow {
  const title = `${section[0]?.toUpperCase()}${section.slice(1)}`
  return [title, '', '', '', ...status.nodes.map((node) => node.name)].map((cell) => paint('title', cell))
}

function body(section: Section, status: ClusterStatus, screen: SvcmonScreen): readonly SvcmonRow[] {
  switch (section) {
    case 'daemon':
      return daemonRows(status, screen.paint)
    case 'nodes':
      return nodeRows(status, screen.paint)
    case 'services':
      return serviceRows(status, screen)
  }
}

function serviceRows(status: ClusterStatus, screen: SvcmonScreen): readonly SvcmonRow[] {
  const rows = screen.services.flatMap((name) => {
    const service = status.services.find((each) => each.name === name)
    return service === undefined ? [] : [serviceRow(service, status.nodes, screen.paint)]
  })
  return rows.length === 0 ? [screen.paint('faint', ' none')] : rows
}

function align(rows: readonly SvcmonRow[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    if (typeof row === 'string') continue
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell))
    })
  }
  return rows.map((row) =>
    typeof row === 'string' ? row : trimEnd(row.map((cell, i) => pad(cell, widths[i] ?? 0)).join(' ')),
  )
}

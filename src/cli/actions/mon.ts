import { fail, ok, type Result } from '../../core/result.js'
import { compareNatural } from '../../core/natural.js'
import { nearest } from '../../core/nearest.js'
import type { ClusterStatus } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import { refuse, show } from '../output.js'
import { pathLines } from '../render/paths.js'
import { SECTIONS, svcmon, type Section } from '../render/svcmon.js'
import { chosenAmong } from '../services.js'

/** `svcmon` */
export const mon: Action = async (call) => {
  const sections = sectionsOf(call.options.list('sections'))
  if (!sections.ok) return refuse(call.terminal, sections.error)
  const view: View = { sections: sections.value, selector: call.options.text('service') }
  if (call.options.flag('watch')) {
    const { watch } = await import('./watch.js')
    return watch(call, view)
  }
  return once(call, view)
}

/** Nodes and heartbeat paths, these with their figures. */
export const clusterStatus: Action = async (call) => {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return refuse(call.terminal, status.error)
  await show(call, status.value, () => {
    const paths = pathLines(status.value, call.paint)
    const screen = svcmon(status.value, { paint: call.paint, sections: ['daemon', 'nodes'], services: [] })
    return paths.length === 0 ? screen : [...screen, '', ...paths]
  })
  return 0
}

/** What is shown; without a selector every service. */
export interface View {
  readonly sections: readonly Section[]
  readonly selector: string | null
}

async function once(call: Call, view: View): Promise<number> {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return refuse(call.terminal, status.error)
  const frame = frameOf(call, view, status.value)
  if (!frame.ok) return refuse(call.terminal, frame.error)
  await show(call, frame.value.status, () => frame.value.lines)
  return 0
}

export interface Frame {
  /** With the selected services alone. */
  readonly status: ClusterStatus
  readonly lines: readonly string[]
}

/** What `svcmon` paints: the chosen services in natural order. An error names what the selector does not find. */
export function frameOf(call: Call, view: View, status: ClusterStatus): Result<Frame> {
  const all = status.services.map((service) => service.name)
  const names = view.selector === null ? ok(all) : chosenAmong(view.selector, status)
  if (!names.ok) return names
  const services = names.value.toSorted(compareNatural)
  const lines = svcmon(status, { paint: call.paint, sections: view.sections, services })
  const kept = status.services.filter((service) => services.includes(service.name))
  return ok({ status: { ...status, services: kept }, lines })
}

function sectionsOf(list: readonly string[]): Result<readonly Section[]> {
  const unknown = list.find((each) => !SECTIONS.some((section) => section === each))
  if (unknown !== undefined) {
    const near = nearest(unknown, SECTIONS)
    const hint = near === null ? `there are ${SECTIONS.join(', ')}` : `did you mean ${near}?`
    return fail('INVALID', `there is no section ${unknown}: ${hint}`)
  }
  return ok(list.length === 0 ? SECTIONS : SECTIONS.filter((section) => list.includes(section)))
}

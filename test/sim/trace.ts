import type { Watcher } from './watcher.js'

/** One line a change. */
export function tracing(say: (text: string) => void): Watcher {
  return {
    intends: (machine, intent) => {
      const what = intent.do === 'act' ? intent.action : intent.do
      const service = 'service' in intent ? ` ${intent.service}` : ''
      say(`${machine} ${what}${service}: ${intent.why}`)
    },
    misbehaved: (point) => {
      if (point.startsWith('the daemon dies')) say(`--- ${point}`)
    },
    activated: (service, machine) => say(`${machine} ${service} IS ACTIVE`),
    protected: (machine, what, why) => say(`${machine} ${what.toUpperCase()}: ${why}`),
  }
}

import type { ActIntent, Intent } from '../../core/intent.js'
import type { Line } from './logbook.js'

/** What the log says of an intent; null where what carries it out speaks for itself. */
export function lineOf(intent: Intent): Line | null {
  switch (intent.do) {
    case 'act':
      return { service: intent.service, message: intent.why, level: levelOf(intent) }
    case 'abort':
      return { service: intent.service, level: 'warn', message: `abort: ${intent.why}` }
    case 'withdraw':
      return { service: intent.service, level: 'debug', message: `claim withdrawn: ${intent.why}` }
    case 'claim':
      return {
        service: intent.service,
        level: 'debug',
        message: `claim start ${intent.generation}: ${intent.why}`,
      }
    case 'freeze':
      return {
        service: intent.name.split('@')[0] || null,
        level: 'warn',
        message: `freeze ${intent.name}: ${intent.why}`,
      }
    case 'delete config':
    case 'release':
      return { service: intent.service, level: 'debug', message: `${intent.do}: ${intent.why}` }
    case 'wait': {
      // A turn that is waited for comes by itself; a parent or a child may need an operator.
      const level = intent.state === 'wait parents' || intent.state === 'wait children' ? 'info' : 'debug'
      return { service: intent.service, level, message: `${intent.state}: ${intent.why}` }
    }
    case 'void off':
    case 'end boot hold':
    case 'end lapse':
      return { message: `${intent.do}: ${intent.why}` }
    case 'evict':
      return { level: 'warn', message: `evict of ${intent.node}: ${intent.why}` }
    case 'end eviction':
      return { message: `end eviction of ${intent.node}: ${intent.why}` }
    case 'hear':
    case 'forget former member':
      return { level: 'debug', message: `${intent.do}: ${intent.why}` }
    case 'reboot':
      return { service: intent.service, level: 'error', message: `${intent.how} of this node: ${intent.why}` }
    case 'fence':
      return { level: 'error', message: `fence ${intent.node}: ${intent.why}` }
    case 'check addresses':
    case 'end target':
    case 'drop order':
      return null
  }
}

/** What somebody has lost is a warning; what is only prepared is for those who look closely. */
function levelOf(intent: ActIntent): 'debug' | 'info' | 'warn' {
  if (intent.action === 'prepare' && !intent.restart) return 'debug'
  return intent.monitorAction || intent.giveUp !== null || intent.grave === true ? 'warn' : 'info'
}

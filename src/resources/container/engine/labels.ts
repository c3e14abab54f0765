/** Every container that the agent makes has these labels; they are how it finds them again. */
export const LABEL = {
  service: 'longshore.service',
  rid: 'longshore.rid',
  node: 'longshore.node',
  generation: 'longshore.generation',
} as const

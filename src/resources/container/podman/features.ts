import { flagOf, type DriverPorts, type Feature } from '../../driver.js'

/** Where podman looks for the small init process of `init: true`. */
const PLACES = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit']

export const init: Feature = {
  name: 'podman init',
  probe: isThere,
  neededBy: (resource) => flagOf(resource, 'init'),
  sentence:
    'podman finds no init process for containers; install the package catatonit, or set init to false',
}

async function isThere(io: DriverPorts): Promise<boolean> {
  const found = await Promise.all(PLACES.map((path) => io.files.stat(path)))
  return found.some((stat) => stat !== null)
}

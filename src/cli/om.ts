#!/usr/bin/env node
import { main } from './main.js'

// The operators' command. Called through a link named like a service it acts on that service.
void main(process.argv[1] ?? 'om')

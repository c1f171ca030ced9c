/** A module for a pool's threads that cannot be loaded. */
throw new Error('this module does not load');

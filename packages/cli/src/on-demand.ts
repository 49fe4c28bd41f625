/**
 * How `serve --on-demand` tells its starter, and nobody else, that another executor holds the state
 * directory: there is nothing to report then, only to connect to that one.
 */
export const IN_USE_EXIT_CODE = 75;

/** What the model reads about the server as a whole. Clients cut it at a few thousand characters. */
export const instructions = `Runs commands and fresh Claudes as jobs that outlive a call.

- execute: one command. execute_claude: a fresh Claude with an empty context; give it everything it needs in the prompt, it returns its final answer only.
- Calls of one turn may run one after the other. For parallel work start each job with background=true, then call wait once with all job ids (mode any to handle each as it ends).
- A result begins with a line such as "job=… state=ended outcome=succeeded exit=0 wall=41.2s". state=running means that the job goes on: call wait with its id, do not poll and do not start it again.
- outcome is succeeded, failed, limited, cancelled, timed_out, stalled or lost. limited tells the limit, when to retry and what to do; a Claude can be continued with its session id.
- Long output is cut in the middle. read_output shows the rest; tail_lines is the cheapest look at a running job.
- control pauses, resumes, interrupts (a Claude keeps its session) or cancels. list_jobs finds jobs that were started before.
- An error names who can mend it; what policy refuses only the operator can allow.`;

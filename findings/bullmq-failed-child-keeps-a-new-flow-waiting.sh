#!/usr/bin/env bash
# BullMQ: a flow whose child has failed already waits without end, whichever option says what a failed child does.
#
# Expected: a job id that exists is not added again, and the new parent gets the result of that job. A child that has
#           completed before lets its parent run at once, so one that has failed before does what its option says:
#           failParentOnFailure fails the parent, and the other three let it run.
# Seen:     with each of the four options the parent stays in waiting-children, without an error, although no job is
#           left that could release it. If the child fails after the flow is added, each option does what it says. With
#           ids such as "invite-5511900000001", a second group that names a person whose invitation has failed never
#           starts.
#
# Needs Node.js, an npm registry and redis-server, which runs on a socket in the temporary folder. Runs no rollcall
# code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" || true; rm -rf "$dir"' EXIT
cd "$dir"
redis-server --port 0 --unixsocket "$dir/redis.sock" --save "" --appendonly no --dir "$dir" --loglevel warning >/dev/null &
redis=$!

cat >main.mjs <<'JS'
import { FlowProducer, Queue, UnrecoverableError, Worker } from "bullmq";

const connection = { path: process.argv[2], maxRetriesPerRequest: null };
const flows = new FlowProducer({ connection });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// ended waits for the job's end, and returns its state then or after the time.
async function ended(queue, id, seconds) {
  for (let i = 0; ; i++) {
    const state = await queue.getJobState(id);
    if (state === "completed" || state === "failed" || i === seconds * 20) return state;
    await pause(50);
  }
}

let same = true;
for (const [fails, option, seenBefore, seenAfter] of [
  [false, "failParentOnFailure", "completed", "completed"],
  [true, "failParentOnFailure", "waiting-children", "failed"],
  [true, "ignoreDependencyOnFailure", "waiting-children", "completed"],
  [true, "removeDependencyOnFailure", "waiting-children", "completed"],
  [true, "continueParentOnFailure", "waiting-children", "completed"],
]) {
  const invites = new Queue(`invites-${fails}-${option}`, { connection });
  const groups = new Queue(`groups-${fails}-${option}`, { connection });
  const work = async () => {
    if (fails) throw new UnrecoverableError("not on WhatsApp");
  };
  const workers = [new Worker(invites.name, work, { connection }), new Worker(groups.name, async () => {}, { connection })];
  const add = (group, invite) =>
    flows.add({
      name: "group", queueName: groups.name, opts: { jobId: group },
      children: [{ name: "invite", queueName: invites.name, opts: { jobId: invite, [option]: true } }],
    });

  await invites.add("invite", {}, { jobId: "invite-5511900000001" });
  await ended(invites, "invite-5511900000001", 20);
  await add("group-1", "invite-5511900000001");
  await add("group-2", "invite-5511900000002");
  const after = await ended(groups, "group-2", 20);
  const before = await ended(groups, "group-1", 1);
  console.log(`child ${fails ? "fails" : "completes"}, ${option}: parent of a new child ${after}, of one that had ended ${before}`);
  same = same && before === seenBefore && after === seenAfter;
  await Promise.all([...workers, invites, groups].map((one) => one.close()));
}
await flows.close();
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts bullmq@6.7.0 ioredis@6.0.0 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "bullmq $(version bullmq), ioredis $(version ioredis), $(redis-server --version | cut -d' ' -f1-3), node $(node --version)"
node main.mjs "$dir/redis.sock"

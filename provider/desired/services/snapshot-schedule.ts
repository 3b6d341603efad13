import { readCron } from "../../config/cron.ts";
import { RkeError } from "../../errors.ts";
import type { NodeContext } from "../node-context.ts";

/** What the script below reads from its environment. The expression is worked out here: a shell only compares numbers. */
export function scheduleEnv({ cluster, node }: NodeContext, schedule: string): readonly string[] {
  const reading = readCron(schedule);
  if (!reading.ok) {
    throw new RkeError("config", { doing: "plan snapshots", because: `the schedule "${schedule}" ${reading.reason}` });
  }
  const { minutes, hours, days, months, weekdays, dayRule } = reading.times;
  const { backupConfig } = cluster.config.services.etcd;
  const { retention = 6, timeout = 300, safeTimestamp = false } = backupConfig ?? {};
  const inTwoDigits = (numbers: readonly number[]) =>
    numbers.map((number) => String(number).padStart(2, "0")).join(" ");
  return [
    `SCHEDULE=${schedule.trim().split(/\s+/).join(" ")}`,
    `MINUTES=${inTwoDigits(minutes)}`,
    `HOURS=${inTwoDigits(hours)}`,
    `DAYS=${inTwoDigits(days)}`,
    `MONTHS=${inTwoDigits(months)}`,
    `WEEKDAYS=${weekdays.join(" ")}`,
    `DAY_RULE=${dayRule}`,
    `SECOND=${secondOf({ cluster, node })}`,
    `TIME=${safeTimestamp ? "%Y-%m-%dT%H-%M-%SZ" : "%Y-%m-%dT%H:%M:%SZ"}`,
    `KEEP=${retention}`,
    `LIMIT=${timeout}`,
  ];
}

/**
 * The second of a minute at which a member begins. Archives are called by their second, also in the bucket that all share,
 * and etcd need not be read by all members at once. By their names: in which order nodes are written means nothing.
 */
function secondOf({ cluster, node }: Pick<NodeContext, "cluster" | "node">): number {
  const names = cluster.etcdNodes.map(({ hostnameOverride }) => hostnameOverride).toSorted();
  return (names.indexOf(node.hostnameOverride) * SECONDS_BETWEEN) % 60;
}

const SECONDS_BETWEEN = 10;

/**
 * Takes a snapshot with RKE's tool whenever the schedule is due, and keeps as many archives of such as are wanted, in plain
 * sh. Its words are the tool and the options that all of its deeds have. Minutes that were slept through, or passed while a
 * snapshot was taken, are made up for. What a failed attempt leaves is no archive, and goes.
 */
export const scheduleScript = `log() { echo "time=\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\" level=$1 msg=\\"$2\\"" >&2; }
now() { date -u +%s; }
is_in() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac; }
is_due() {
  set -- $(date -u -d "@$(($1 * 60))" "+%M %H %d %m %w")
  is_in "$1" "$MINUTES" && is_in "$2" "$HOURS" && is_in "$4" "$MONTHS" || return 1
  case $DAY_RULE in
    either) is_in "$3" "$DAYS" || is_in "$5" "$WEEKDAYS" ;;
    *) is_in "$3" "$DAYS" && is_in "$5" "$WEEKDAYS" ;;
  esac
}
clear_up() {
  if [ -z "$name" ]; then return; fi
  if [ -e "/backup/$name" ]; then rm -f "/backup/$name.zip"; fi
  rm -f "/backup/$name" "/backup/$name.part"
}
stop() { kill $guard $child 2>/dev/null; clear_up; exit 0; }
guard= child= name=
trap stop TERM INT
await() { wait "$child"; code=$?; child=; return "$code"; }
guarded() {
  child=$!
  (trap 'kill $!' TERM; sleep "$LIMIT" & wait $! && kill "$child") 2>/dev/null & guard=$!
  await
  code=$?
  kill "$guard" 2>/dev/null
  guard=
  return "$code"
}
take() {
  name=$(date -u "+$TIME")_etcd
  tool=$1; shift
  "$tool" etcd-backup save "$@" --once --name "$name" & guarded
  case $? in
    0) log info "$name is stored"; name=; prune "$tool" "$@" & guarded || log warning "Cannot delete old archives: see above" ;;
    143) log error "Cannot take a snapshot: it was not done after $LIMIT s. The next one follows by the schedule $SCHEDULE (UTC)" ;;
    *) log error "Cannot take a snapshot: see above. The next one follows by the schedule $SCHEDULE (UTC)" ;;
  esac
  clear_up
  name=
}
prune() {
  tool=$1; shift
  ls /backup | grep '^[0-9]\\{4\\}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]\\([:-]\\)[0-9][0-9]\\1[0-9][0-9]Z_etcd\\.zip$' |
    sed 's/.*/& &/; s/:/-/; s/:/-/' | sort -r | sed "1,\${KEEP}d" | while read -r _ old; do
      case " $* " in
        *" --s3-backup=true "*) "$tool" etcd-backup delete "$@" --name "\${old%.zip}" || log warning "Cannot delete $old" ;;
        *) rm -f "/backup/$old" ;;
      esac
    done
}
minute() { echo $((($(now) - SECOND) / 60)); }
log info "Taking snapshots by the schedule $SCHEDULE (UTC), at second $SECOND, and keeping $KEEP"
last=$(minute)
while :; do
  sleep $((60 - ($(now) - SECOND) % 60)) & child=$!
  await
  this=$(minute)
  if [ $((this - last)) -gt 1440 ]; then last=$((this - 1440)); fi
  if [ $((last - this)) -gt 60 ]; then last=$this; fi
  due=
  while [ "$last" -lt "$this" ]; do
    last=$((last + 1))
    if is_due "$last"; then due=yes; fi
  done
  if [ -n "$due" ]; then take "$@"; fi
done`;

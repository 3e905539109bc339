package server

import (
	"fmt"
	"slices"
)

func infoStats(i *info) {
	st, keys := i.c.Services.Stats, &i.engine().Stats
	rates := st.Rates()
	const kilobyte = 1024
	i.num("total_connections_received", i.c.Services.Clients.Total())
	i.num("total_commands_processed", st.Commands.Load())
	i.num("instantaneous_ops_per_sec", int64(rates.Commands))
	i.num("total_net_input_bytes", st.NetIn.Load())
	i.num("total_net_output_bytes", st.NetOut.Load())
	i.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
	i.float("instantaneous_input_kbps", rates.In/kilobyte, 2)
	i.float("instantaneous_output_kbps", rates.Out/kilobyte, 2)
	i.str("instantaneous_input_repl_kbps", "0.00")
	i.str("instantaneous_output_repl_kbps", "0.00")
	i.num("rejected_connections", st.Rejected.Load()+st.DeniedByMode.Load())
	i.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
	i.num("expired_keys", int64(keys.Expired))
	i.str("expired_stale_perc", "0.00")
	i.zeros("expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds")
	i.num("evicted_keys", int64(keys.Evicted))
	i.zeros("evicted_clients", "total_eviction_exceeded_time", "current_eviction_exceeded_time")
	i.num("keyspace_hits", int64(keys.Hits))
	i.num("keyspace_misses", int64(keys.Misses))
	i.zeros("pubsub_channels", "pubsub_patterns", "pubsubshard_channels", "latest_fork_usec", "total_forks",
		"migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses",
		"active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time",
		"tracking_total_keys", "tracking_total_items", "tracking_total_prefixes")
	i.num("unexpected_error_replies", st.Panics.Load())
	i.num("total_error_replies", st.ErrorReplies.Load())
	i.zeros("dump_payload_sanitizations", "total_reads_processed", "total_writes_processed",
		"io_threaded_reads_processed", "io_threaded_writes_processed")
	i.num("client_query_buffer_limit_disconnections", st.QueryKilled.Load())
	i.num("client_output_buffer_limit_disconnections", st.OutputKilled.Load())
	i.zeros("reply_buffer_shrinks", "reply_buffer_expands", "eventloop_cycles", "eventloop_duration_sum",
		"eventloop_duration_cmd_sum", "instantaneous_eventloop_cycles_per_sec", "instantaneous_eventloop_duration_usec")
	i.zeros("acl_access_denied_auth", "acl_access_denied_cmd", "acl_access_denied_key", "acl_access_denied_channel")
	i.num("kvd_unloaded_values", int64(keys.Unloaded))
	i.num("kvd_fetched_values", int64(keys.Fetched))
}

func infoCommands(i *info) {
	for _, cmd := range i.c.Services.Table.All() {
		s := &cmd.Stats
		calls, rejected, failed := s.Calls.Load(), s.Rejected.Load(), s.Failed.Load()
		if calls == 0 && rejected == 0 && failed == 0 {
			continue
		}
		micros := s.Nanoseconds.Load() / 1000
		i.str("cmdstat_"+cmd.FullName, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			calls, micros, ratio(micros, calls), rejected, failed))
	}
}

func infoErrors(i *info) {
	var lines []string
	i.c.Services.Stats.Errors.Each(func(code string, count int64) {
		lines = append(lines, fmt.Sprintf("errorstat_%s:count=%d\r\n", code, count))
	})
	slices.Sort(lines)
	for _, line := range lines {
		i.text = append(i.text, line...)
	}
}

func infoKeyspace(i *info) {
	for db, k := range i.engine().Databases {
		if k.Keys > 0 {
			i.str(fmt.Sprintf("db%d", db), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", k.Keys, k.Expires, k.AverageTTL))
		}
	}
}

package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kvd/resp/acl"
	"kvd/resp/session"
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
	i.num("evicted_clients", st.ClientsEvicted.Load())
	i.zeros("total_eviction_exceeded_time", "current_eviction_exceeded_time")
	i.num("keyspace_hits", int64(keys.Hits))
	i.num("keyspace_misses", int64(keys.Misses))
	hub := i.c.Services.Hub
	i.num("pubsub_channels", hub.Count(session.Channels))
	i.num("pubsub_patterns", hub.Count(session.Patterns))
	i.num("pubsubshard_channels", hub.Count(session.Shards))
	i.zeros("latest_fork_usec", "total_forks",
		"migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses",
		"active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time")
	caches := i.c.Services.Caches.Totals()
	i.num("tracking_total_keys", caches.Keys)
	i.num("tracking_total_items", caches.Items)
	i.num("tracking_total_prefixes", caches.Prefixes)
	i.num("unexpected_error_replies", st.Panics.Load())
	i.num("total_error_replies", st.ErrorReplies.Load())
	i.zeros("dump_payload_sanitizations")
	i.num("total_reads_processed", st.Reads.Load())
	i.num("total_writes_processed", st.Writes.Load())
	i.zeros("io_threaded_reads_processed", "io_threaded_writes_processed")
	i.num("client_query_buffer_limit_disconnections", st.QueryKilled.Load())
	i.num("client_output_buffer_limit_disconnections", st.OutputKilled.Load())
	i.zeros("reply_buffer_shrinks", "reply_buffer_expands", "eventloop_cycles", "eventloop_duration_sum",
		"eventloop_duration_cmd_sum", "instantaneous_eventloop_cycles_per_sec", "instantaneous_eventloop_duration_usec")
	refused := i.c.Services.Refusals
	i.num("acl_access_denied_auth", refused.Count(acl.DeniedAuth))
	i.num("acl_access_denied_cmd", refused.Count(acl.DeniedCommand))
	i.num("acl_access_denied_key", refused.Count(acl.DeniedKey))
	i.num("acl_access_denied_channel", refused.Count(acl.DeniedChannel))
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

// infoLatency writes percentiles of the times of commands, in microseconds.
func infoLatency(i *info) {
	cfg := i.c.Config()
	if !cfg.LatencyTracking {
		return
	}
	for _, cmd := range i.c.Services.Table.All() {
		times := cmd.Stats.Times()
		if times == nil {
			continue
		}
		var fields []string
		for n, took := range times.Percentiles(cfg.LatencyTrackingPercentiles) {
			percent := strconv.FormatFloat(cfg.LatencyTrackingPercentiles[n], 'f', -1, 64)
			fields = append(fields, fmt.Sprintf("p%s=%.3f", percent, float64(took)/float64(time.Microsecond)))
		}
		i.str("latency_percentiles_usec_"+cmd.FullName, strings.Join(fields, ","))
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

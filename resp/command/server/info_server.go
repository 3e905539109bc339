package server

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/session"
)

func infoServer(i *info) {
	cfg, about := i.c.Config(), &i.c.Services.About
	up := i.c.Now.Sub(about.Started)
	i.str("redis_version", command.RedisVersion)
	i.str("kvd_version", about.Version)
	i.str("redis_git_sha1", "00000000")
	i.num("redis_git_dirty", 0)
	i.str("redis_build_id", "0000000000000000")
	i.str("redis_mode", "standalone")
	i.str("os", systemName())
	i.num("arch_bits", strconv.IntSize)
	i.str("monotonic_clock", "POSIX clock_gettime")
	i.str("multiplexing_api", multiplexing(cfg))
	i.str("atomicvar_api", "go-builtin")
	i.str("gcc_version", "0.0.0")
	i.str("go_version", runtime.Version())
	i.num("process_id", int64(os.Getpid()))
	i.str("process_supervised", "no")
	i.str("run_id", about.RunID)
	i.num("tcp_port", int64(mainPort(cfg)))
	i.num("server_time_usec", i.c.Now.UnixMicro())
	i.num("uptime_in_seconds", int64(up/time.Second))
	i.num("uptime_in_days", int64(up/(24*time.Hour)))
	i.num("hz", int64(cfg.Hz))
	i.num("configured_hz", int64(cfg.Hz))
	i.num("lru_clock", i.c.Now.Unix()&(1<<24-1))
	i.str("executable", about.Executable)
	i.str("config_file", about.ConfigFile)
	i.zeros("io_threads_active")
	for n, text := range listeners(cfg) {
		i.str("listener"+strconv.Itoa(n), text)
	}
}

func multiplexing(cfg *config.Config) string {
	if runtime.GOOS == "linux" && cfg.Loops() > 0 {
		return "epoll"
	}
	return "go-netpoll"
}

func mainPort(cfg *config.Config) int {
	if cfg.Port == 0 {
		return cfg.TLSPort
	}
	return cfg.Port
}

// listeners describes where the server listens.
func listeners(cfg *config.Config) []string {
	var bind strings.Builder
	for _, address := range cfg.Bind {
		bind.WriteString(",bind=" + address)
	}
	var list []string
	if cfg.Port != 0 {
		list = append(list, "name=tcp"+bind.String()+",port="+strconv.Itoa(cfg.Port))
	}
	if cfg.UnixSocket != "" {
		list = append(list, "name=unix,bind="+cfg.UnixSocket)
	}
	if cfg.TLSPort != 0 {
		list = append(list, "name=tls"+bind.String()+",port="+strconv.Itoa(cfg.TLSPort))
	}
	return list
}

func infoClients(i *info) {
	t := i.c.Services.Clients.Totals()
	i.num("connected_clients", int64(t.Clients))
	i.zeros("cluster_connections")
	i.num("maxclients", int64(i.c.Config().MaxClients))
	i.num("client_recent_max_input_buffer", int64(t.LargestInput))
	i.num("client_recent_max_output_buffer", int64(t.LargestOutput))
	i.num("blocked_clients", int64(t.Blocked))
	i.num("tracking_clients", i.c.Services.Caches.Totals().Clients)
	i.num("clients_in_timeout_table", i.c.Services.Stats.TimedWaits.Load())
	i.zeros("total_blocking_keys", "total_blocking_keys_on_nokey")
	i.paused()
}

// paused says whether CLIENT PAUSE holds commands back.
func (i *info) paused() {
	p := &i.c.Services.Clients.Pause
	reason, actions := "none", "none"
	switch p.Mode() {
	case session.WritesPaused:
		reason, actions = "client_pause", "write"
	case session.AllPaused:
		reason, actions = "client_pause", "all"
	}
	i.str("paused_reason", reason)
	i.str("paused_actions", actions)
	i.num("paused_timeout_milliseconds", p.Left(i.c.Now).Milliseconds())
}

func infoReplication(i *info) {
	id, offset := i.c.Services.About.RunID, int64(0)
	if i.c.Services.Following() {
		id, offset = infoReplica(i)
	} else {
		i.str("role", "master")
	}
	i.zeros("connected_slaves")
	i.str("master_failover_state", "no-failover")
	i.str("master_replid", id)
	i.str("master_replid2", strings.Repeat("0", 40))
	i.num("master_repl_offset", offset)
	i.num("second_repl_offset", -1)
	i.zeros("repl_backlog_active")
	i.num("repl_backlog_size", 1<<20)
	i.zeros("repl_backlog_first_byte_offset", "repl_backlog_histlen")
}

// cpuOwner is whose processor time is meant.
type cpuOwner uint8

const (
	ownProcess cpuOwner = iota
	ownChildren
)

func infoCPU(i *info) {
	const digits = 6
	system, user := cpuTime(ownProcess)
	i.float("used_cpu_sys", system, digits)
	i.float("used_cpu_user", user, digits)
	system, user = cpuTime(ownChildren)
	i.float("used_cpu_sys_children", system, digits)
	i.float("used_cpu_user_children", user, digits)
}

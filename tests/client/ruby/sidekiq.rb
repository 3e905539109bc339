# Runs Sidekiq, with its queues on the server at the port of argument one: a
# launcher in this process works off jobs that return, fail, are retried and come
# later.
require "sidekiq"
require "sidekiq/api"
require "sidekiq/cli"
require "sidekiq/launcher"

OPTIONS = { url: "redis://127.0.0.1:#{ARGV[0]}/0" }
Sidekiq.configure_client { |c| c.redis = OPTIONS }
Sidekiq.configure_server { |c| c.redis = OPTIONS }
Sidekiq.redis = OPTIONS
Sidekiq.logger.level = Logger::ERROR
DONE = Queue.new

class Job
  include Sidekiq::Worker
  def perform(n) = DONE << n
end

class Failing
  include Sidekiq::Worker
  def perform = raise("as asked")
end

options = Sidekiq::DEFAULTS.merge(concurrency: 3, queues: ["default"], strict: true, tag: "test", environment: "test", timeout: 5)
options = Sidekiq.options.merge(options) if Sidekiq.respond_to?(:options)
options[:poll_interval_average] = 0.2
launcher = Sidekiq::Launcher.new(options)
30.times { |i| Job.perform_async(i) }
Job.perform_in(0.2, 30)
Failing.perform_async
launcher.run
got = Array.new(31) { DONE.pop }.sort
raise "jobs #{got}" unless got == (0..30).to_a
100.times { break if Sidekiq::RetrySet.new.size == 1; sleep 0.1 }
raise "retries: #{Sidekiq::RetrySet.new.size}" unless Sidekiq::RetrySet.new.size == 1
raise "processed: #{Sidekiq::Stats.new.queues}" unless Sidekiq::Queue.new.size.zero?
raise "no process is seen" if Sidekiq::ProcessSet.new.size.zero?
Sidekiq::RetrySet.new.clear
launcher.stop
puts "ok"

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MsVit.MLNet.Hosting;

/// <summary>Whether the thread of the model makes progress.</summary>
internal sealed class LiveCheck(MsVitPredictor predictor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var limit = TimeSpan.FromMinutes(1) + (4 * predictor.Options.Deadline);
        var computing = predictor.Worker?.Computing ?? TimeSpan.Zero;
        return Task.FromResult(computing > limit
            ? new HealthCheckResult(
                context.Registration.FailureStatus, $"One batch has been running for {computing.TotalSeconds:0} seconds.")
            : HealthCheckResult.Healthy());
    }
}

/// <summary>Whether requests are served, and by the current model file.</summary>
internal sealed class ReadyCheck(MsVitPredictor predictor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(predictor.Worker is { } worker
            ? Check(worker)
            : new HealthCheckResult(context.Registration.FailureStatus, "No model is loaded."));

    private HealthCheckResult Check(ModelWorker worker)
    {
        var data = new Dictionary<string, object> { ["version"] = worker.Model.Info.Version, ["waiting"] = worker.Queue.Pending };
        return predictor.ReloadError is { } error
            ? HealthCheckResult.Degraded($"The current file could not be loaded; the previous version is still served: {error}", data: data)
            : worker.Queue.Pending >= predictor.Options.QueueCapacity
                ? HealthCheckResult.Degraded("The queue is full.", data: data)
                : HealthCheckResult.Healthy(data: data);
    }
}

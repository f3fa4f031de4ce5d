using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MsVit.MLNet.Hosting;

/// <summary>Whether requests are served, and by the model that is on disk.</summary>
internal sealed class ReadyCheck(MsVitPredictor predictor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (predictor.Worker is not { } worker)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, "No model is loaded."));
        }
        var data = new Dictionary<string, object> { ["version"] = worker.Model.Info.Version, ["waiting"] = worker.Queue.Held };
        return Task.FromResult(
            predictor.ReloadFault is { } fault ? HealthCheckResult.Degraded($"The file on disk cannot be loaded; the version before it serves: {fault}", data: data)
            : worker.Queue.Held >= predictor.Options.QueueCapacity ? HealthCheckResult.Degraded("The queue is full.", data: data)
            : HealthCheckResult.Healthy(data: data));
    }
}

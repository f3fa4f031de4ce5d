using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MsVit.MLNet.Hosting;

/// <summary>Whether the model's thread gets on.</summary>
internal sealed class LiveCheck(MsVitPredictor predictor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var limit = TimeSpan.FromMinutes(1) + (4 * predictor.Options.Deadline);
        var computing = predictor.Worker?.Computing ?? TimeSpan.Zero;
        return Task.FromResult(computing > limit
            ? new HealthCheckResult(context.Registration.FailureStatus, $"A batch has been computed for {computing.TotalSeconds:0} seconds.")
            : HealthCheckResult.Healthy());
    }
}

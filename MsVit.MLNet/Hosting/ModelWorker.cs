using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MsVit.MLNet.Hosting;

/// <summary>A model, its queue, and the thread that computes batch after batch; one for each loaded file.</summary>
internal sealed partial class ModelWorker : IAsyncDisposable
{
    // The weight of the latest batch in the average time per sample.
    private const double Smoothing = 0.2;

    private readonly MsVitServingOptions _options;
    private readonly ServingMetrics _metrics;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _millisecondsPerSample;
    private long _computingSince;

    public ModelWorker(ServedModel model, string name, MsVitServingOptions options, ServingMetrics metrics, ILogger logger)
    {
        (Model, _name, _options, _metrics, _logger) = (model, name, options, metrics, logger);
        Queue = new(options.QueueCapacity, options.MaxBatchSize, options.MaxBatchDelay);
        _thread = new(Work) { Name = $"MsVit {name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The model.</summary>
    public ServedModel Model { get; }

    /// <summary>The pending requests.</summary>
    public BatchQueue Queue { get; }

    /// <summary>How long a new request would wait at the speed of the last batches.</summary>
    public TimeSpan ExpectedWait => TimeSpan.FromMilliseconds(Queue.Pending * Volatile.Read(ref _millisecondsPerSample));

    /// <summary>How long the current batch has been running; 0 between batches.</summary>
    public TimeSpan Computing => Volatile.Read(ref _computingSince) is var since and > 0
        ? TimeSpan.FromMilliseconds(Environment.TickCount64 - since)
        : TimeSpan.Zero;

    /// <summary>Stops accepting requests, answers the accepted ones, and disposes the model.</summary>
    public async ValueTask DisposeAsync()
    {
        Queue.Close();
        await _ended.Task.ConfigureAwait(false);
    }

    private void Work()
    {
        while (Queue.TakeBatch() is { } batch)
        {
            Compute(batch);
        }
        Model.Dispose();
        _ended.SetResult();
    }

    private void Compute(List<PredictionJob> batch)
    {
        var now = Environment.TickCount64;
        // Their callers have given up.
        batch.RemoveAll(job => job.Deadline <= now);
        if (batch.Count == 0)
        {
            return;
        }
        Volatile.Write(ref _computingSince, now);
        var clock = Stopwatch.StartNew();
        try
        {
            Score([.. batch.Where(job => !job.Inspects)]);
            foreach (var job in batch.Where(job => job.Inspects))
            {
                var insight = Model.Inspect(job.Sample);
                job.Succeed([.. insight.Probabilities], insight);
            }
        }
#pragma warning disable CA1031 // Whatever happened, every request of the batch gets the exception, and the next batch is computed.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailure(_logger, _name, batch.Count, e);
            foreach (var job in batch)
            {
                job.Fail(e);
            }
        }
        Volatile.Write(ref _computingSince, 0);
        var each = clock.Elapsed.TotalMilliseconds / batch.Count;
        var known = _millisecondsPerSample;
        Volatile.Write(ref _millisecondsPerSample, known == 0 ? each : known + (Smoothing * (each - known)));
        _metrics.Computed(_name, batch.Count, clock.Elapsed);
    }

    private void Score(PredictionJob[] batch)
    {
        if (batch.Length == 0)
        {
            return;
        }
        var length = Model.Shape.Bytes;
        var samples = new byte[checked(length * batch.Length)];
        foreach (var (i, job) in batch.Index())
        {
            job.Sample.CopyTo(samples, i * length);
        }
        var scores = Model.Score(samples, batch.Length);
        var classes = scores.Length / batch.Length;
        foreach (var (i, job) in batch.Index())
        {
            job.Succeed(scores[(i * classes)..((i + 1) * classes)], null);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "MsVit {Model}: a batch of {Count} requests failed.")]
    private static partial void LogFailure(ILogger logger, string model, int count, Exception fault);
}

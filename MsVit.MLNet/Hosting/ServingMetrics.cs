using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MsVit.MLNet.Hosting;

/// <summary>The meter "MsVit" and the activity source "MsVit". Every measurement has the tag "model".</summary>
internal sealed class ServingMetrics
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "MsVit";

    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] };

    private static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    public static readonly ActivitySource Activities = new(Name);

    private readonly Histogram<double> _duration, _batchDuration;
    private readonly Histogram<int> _batchSize;
    private readonly UpDownCounter<int> _pending;
    private readonly Counter<long> _reloads;

    public ServingMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(Name);
        _duration = meter.CreateHistogram<double>(
            "msvit.prediction.duration", "s",
            "Time from acceptance to answer. The tag outcome is ok, invalid, overloaded, deadline, cancelled, stopped or failed.",
            advice: Seconds);
        _pending = meter.CreateUpDownCounter<int>(
            "msvit.queue.length", "{request}", "Requests that are accepted, but not yet answered.");
        _batchSize = meter.CreateHistogram<int>("msvit.batch.size", "{request}", "Requests per batch.", advice: Sizes);
        _batchDuration = meter.CreateHistogram<double>("msvit.batch.duration", "s", "Time to compute a batch.", advice: Seconds);
        _reloads = meter.CreateCounter<long>(
            "msvit.model.reloads", "{reload}", "Attempts to load a replaced file. The tag outcome is ok or failed.");
    }

    public void Accepted(string model) => _pending.Add(1, Model(model));

    public void Left(string model) => _pending.Add(-1, Model(model));

    public void Answered(string model, string outcome, TimeSpan took) =>
        _duration.Record(took.TotalSeconds, Model(model), new("outcome", outcome));

    public void Computed(string model, int count, TimeSpan took)
    {
        _batchSize.Record(count, Model(model));
        _batchDuration.Record(took.TotalSeconds, Model(model));
    }

    public void Reloaded(string model, bool isGood) => _reloads.Add(1, Model(model), new("outcome", isGood ? "ok" : "failed"));

    private static KeyValuePair<string, object?> Model(string name) => new("model", name);
}

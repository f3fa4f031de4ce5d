using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MsVit.Tests.Hosting;

/// <summary>What the meter "MsVit" of one host measures.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();

    public Measurements(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "MsVit" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentQueue<(string Instrument, double Value, string Outcome)> All { get; } = new();

    public IEnumerable<double> Of(string instrument) => All.Where(item => item.Instrument == instrument).Select(item => item.Value);

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var outcome = "";
        foreach (var tag in tags)
        {
            outcome = tag.Key == "outcome" ? (string)tag.Value! : outcome;
        }
        All.Enqueue((instrument.Name, value, outcome));
    }
}

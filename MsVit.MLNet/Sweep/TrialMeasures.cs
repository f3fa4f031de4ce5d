using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet.Sweep;

/// <summary>Measures a trained network by the sweep's objectives.</summary>
internal static class TrialMeasures
{
    private const int EnergySamples = 64;
    private const int LatencyRows = 32;
    private const int LatencyPasses = 5;

    /// <summary>The value of every objective except accuracy, which training measures.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Of(
        MsVitTransformer model,
        IDataView rows,
        MsVitOptions options,
        MLContext mlContext,
        IReadOnlyList<SweepObjective> objectives)
    {
        if (objectives.Contains(SweepObjective.Energy) || objectives.Contains(SweepObjective.Parameters))
        {
            var energy = model.EstimateEnergy(rows, EnergySamples);
            yield return new(nameof(SweepObjective.Energy), energy.Joules);
            yield return new(nameof(SweepObjective.Parameters), energy.Parameters);
        }
        if (objectives.Contains(SweepObjective.Latency))
        {
            var scored = model.Transform(mlContext.Data.TakeRandomRows(rows, LatencyRows));
            yield return new(nameof(SweepObjective.Latency), Latency(scored, options.ScoreColumnName));
        }
    }

    private static double Latency(IDataView scored, string column)
    {
        // The first pass warms up the network.
        var times = Enumerable.Range(0, LatencyPasses + 1).Select(_ => Pass(scored, column)).Skip(1).Order().ToArray();
        return times[LatencyPasses / 2];
    }

    private static double Pass(IDataView scored, string column)
    {
        var watch = Stopwatch.StartNew();
        using var cursor = scored.GetRowCursor([scored.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema[column]);
        var score = default(VBuffer<float>);
        var rows = 0;
        while (cursor.MoveNext())
        {
            getter(ref score);
            rows++;
        }
        return watch.Elapsed.TotalMilliseconds / rows;
    }
}

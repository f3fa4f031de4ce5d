using System.Text.Json;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;
using static TorchSharp.torch;

namespace MsVit.Trainer.Ranks;

/// <summary>The scores of all rows of a set, of which each rank has computed its part.</summary>
internal sealed class SharedScores
{
    private readonly float[] _values;
    private readonly int _classes;

    private SharedScores(float[] values, int classes, UnreadableRows unreadable) =>
        (_values, _classes, Unreadable) = (values, classes, unreadable);

    /// <summary>The rows that could not be read; their scores are not a number.</summary>
    public UnreadableRows Unreadable { get; }

    /// <summary>The scores of a row.</summary>
    public ReadOnlySpan<float> Of(long row) => _values.AsSpan(checked((int)(row * _classes)), _classes);

    /// <summary>Scores a set. All ranks must do so, with the same rows.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="pipeline">The trained pipeline.</param>
    /// <param name="data">The set.</param>
    /// <exception cref="InvalidDataException">The pipeline filters rows.</exception>
    public static SharedScores Of(RankGroup ranks, MsVitPipeline pipeline, OpenedData data)
    {
        using var scope = NewDisposeScope();
        using var threads = TorchThreads.LimitTo(RankShare.Cores(ranks));
        pipeline.Model.Scorer.LimitThreads(RankShare.Cores(ranks));
        var (rows, classes) = (checked((int)data.View.GetRowCount()!.Value), pipeline.Model.Labels.Count);
        var (first, end) = ranks.Share(rows, ranks.Rank);
        bool[] chosen = [.. Enumerable.Range(0, rows).Select(row => row >= first && row < end)];
        var own = data with { View = new ChosenRowsDataView(data.View, chosen) };
        var skipped = new List<SkippedRow>();
        var values = new float[(long)rows * classes];
        Score(pipeline, own, skipped, values.AsSpan(first * classes, (end - first) * classes));

        var all = tensor(values);
        ranks.Sum(all);
        var faults = UnreadableRows.Of(own, skipped).Lines.ToDictionary(line => line.Row + first, line => line.Text);
        var parts = ranks.Gather(JsonSerializer.SerializeToUtf8Bytes(faults));
        var lines = parts.SelectMany(part => JsonSerializer.Deserialize<Dictionary<long, string>>(part)!);
        return new(all.data<float>().ToArray(), classes, new(data, [.. lines.Select(line => new UnreadableRow(line.Key, line.Value))]));
    }

    private static void Score(MsVitPipeline pipeline, OpenedData data, List<SkippedRow> skipped, Span<float> values)
    {
        var scored = pipeline.Score(data.View, skipped.Add);
        var column = scored.Schema[pipeline.Model.Scorer.Card.Columns.Score];
        using var cursor = scored.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var score = default(VBuffer<float>);
        while (values.Length > 0)
        {
            if (!cursor.MoveNext())
            {
                throw new InvalidDataException(
                    "The model filters rows, so its work cannot be shared among ranks: run this without mpiexec and --ranks.");
            }
            getter(ref score);
            score.CopyTo(values[..score.Length]);
            values = values[score.Length..];
        }
    }
}

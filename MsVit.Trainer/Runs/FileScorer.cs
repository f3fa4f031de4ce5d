using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Runs;

/// <summary>The outcome of one file: the probabilities of all classes, or the reason why there are none.</summary>
internal sealed record FileScore(string File, IReadOnlyList<float>? Probabilities, string? Fault);

/// <summary>Scores files in batches, as they become known. A file that cannot be read never stops the others.</summary>
internal sealed class FileScorer(MLContext mlContext, ITransformer model, RankGroup? ranks = null)
{
    private const int BatchSize = 32;
    private const int MostWaiting = 1024;

    private static readonly JsonSerializerOptions Numbers = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly MsVitPipeline _pipeline = MsVitPipeline.Of(model);
    private readonly RankGroup _ranks = ranks ?? RankGroup.Alone;

    /// <summary>Whether the model takes recordings of an event camera.</summary>
    public bool TakesFrames => _pipeline.Before.OfType<EventsToFramesTransformer>().Any();

    /// <summary>The names of the classes, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Classes => _pipeline.Model.Labels;

    /// <summary>Scores files in their order. No file waits for one that is not known yet.</summary>
    public IEnumerable<FileScore> Score(IEnumerable<string> files)
    {
        using var stop = new CancellationTokenSource();
        using var known = new BlockingCollection<string>(MostWaiting);
        var listing = Task.Run(() => List(files, known, stop.Token));
        try
        {
            foreach (var first in known.GetConsumingEnumerable())
            {
                List<string> batch = [first];
                while (batch.Count < BatchSize * _ranks.Size && known.TryTake(out var next))
                {
                    batch.Add(next);
                }
                foreach (var scored in Shared(batch))
                {
                    yield return scored;
                }
            }
            listing.GetAwaiter().GetResult();
            if (_ranks.Size > 1)
            {
                _ = Shared([]);
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

    /// <summary>Scores what rank 0 gives to this rank, until it has no more files.</summary>
    public void ScoreForFirst()
    {
        while (Shared([]).Count > 0)
        {
        }
    }

    // Rank 0 knows the files; each rank scores its part, and all get all.
    private List<FileScore> Shared(List<string> files)
    {
        if (_ranks.Size == 1)
        {
            return ScoreBatch(files);
        }
        using var threads = TorchThreads.LimitTo(RankShare.Cores(_ranks));
        _pipeline.Model.Scorer.LimitThreads(RankShare.Cores(_ranks));
        files = JsonSerializer.Deserialize<List<string>>(_ranks.FromFirst(() => JsonSerializer.SerializeToUtf8Bytes(files)))!;
        var (first, end) = _ranks.Share(files.Count, _ranks.Rank);
        var own = first < end ? ScoreBatch(files[first..end]) : [];
        return [.. _ranks.Gather(JsonSerializer.SerializeToUtf8Bytes(own, Numbers))
            .SelectMany(part => JsonSerializer.Deserialize<List<FileScore>>(part, Numbers)!)];
    }

    private static void List(IEnumerable<string> files, BlockingCollection<string> known, CancellationToken stop)
    {
        try
        {
            foreach (var file in files)
            {
                known.Add(file, stop);
            }
        }
        finally
        {
            known.CompleteAdding();
        }
    }

    private List<FileScore> ScoreBatch(List<string> files)
    {
        var skipped = new Dictionary<long, Exception>();
        var scored = _pipeline.Score(Rows(files), row => skipped[row.Row] = row.Fault);
        var column = scored.Schema[_pipeline.Model.Scorer.Card.Columns.Score];
        using var cursor = scored.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var score = default(VBuffer<float>);
        var scores = new List<FileScore>();
        foreach (var file in files)
        {
            if (!cursor.MoveNext())
            {
                throw new InvalidDataException($"The model gave no result for {file} and later files: it filters rows, "
                    + "so results cannot be matched to files.");
            }
            if (skipped.TryGetValue(cursor.Position, out var fault))
            {
                scores.Add(new(file, null, FileFault.Reason(fault, file, TakesFrames)));
                continue;
            }
            getter(ref score);
            float[] probabilities = [.. score.DenseValues()];
            scores.Add(probabilities.Any(float.IsNaN)
                ? new(file, null, "The model's probabilities are not numbers: its weights are damaged, or training diverged.")
                : new(file, probabilities, null));
        }
        return scores;
    }

    // As the first step of the pipeline takes them: recordings by path, images as encoded bytes.
    private IDataView Rows(List<string> files)
    {
        // Some label that the model knows: its pipeline maps it.
        var label = Classes[0];
        return TakesFrames
            ? mlContext.Data.LoadEventRecordings(files.Select(file => new EventRecording(file, label)))
            : mlContext.Data.LoadFromEnumerable(files.Select(file => new ImageRow { Label = label, ImagePath = file }));
    }

    private sealed class ImageRow
    {
        public required string Label { get; init; }

        /// <summary>Error messages name the file by this.</summary>
        public required string ImagePath { get; init; }

        public byte[] Image => File.ReadAllBytes(ImagePath);
    }
}

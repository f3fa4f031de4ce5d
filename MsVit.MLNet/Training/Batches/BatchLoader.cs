using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Shuffles, decodes, augments and packs samples on worker threads while the device computes.</summary>
/// <remarks>
/// The contents of a batch depend only on the seed, the epoch and the samples' positions, never on the number of workers. At most one batch
/// more than there are workers is in memory.
/// </remarks>
/// <param name="set">The samples.</param>
/// <param name="batchSize">Samples in a batch; the last batch of an epoch takes what remains.</param>
/// <param name="augmentation">Augments each sample; with null, order and samples are not changed.</param>
/// <param name="seed">The seed of the order and the augmentation.</param>
/// <param name="workers">Batches that are prepared at the same time, 1 or more.</param>
/// <param name="mixing">Mixes the samples of a batch; null (the default) for no mixing.</param>
/// <param name="eraser">Draws the boxes to erase; null (the default) for none.</param>
/// <param name="time">The source of time; the system's by default.</param>
/// <param name="own">The samples of this rank in a batch of a given size; null (the default) for all.</param>
internal sealed class BatchLoader(
    SampleSet set, int batchSize, ISampleAugmentation? augmentation, ulong seed, int workers,
    BatchMixing? mixing = null, Eraser? eraser = null, TimeProvider? time = null, Func<int, (int First, int End)>? own = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    // A crop of random size is taken from the original image, if there is one; the rest of the augmentation runs with it.
    private readonly EncodedSamples? _originals =
        set.Source is EncodedSamples encoded && augmentation is ImageAugmentation { CropsOriginals: true } image
            ? encoded.Cropped(image.Apply)
            : null;

    // Timestamps: the beginning of the latest epoch, null before the first, and its end, null while it runs.
    private long? _began, _ended;
    private TimeSpan _waited;
    private long _busy;

    /// <summary>A loader for training with a recipe.</summary>
    /// <param name="set">The samples.</param>
    /// <param name="recipe">Batch size, augmentation, mixing and erasing.</param>
    /// <param name="normalization">Has the mean color.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <param name="workers">Batches that are prepared at the same time, 1 or more.</param>
    /// <param name="own">The samples of this rank in a batch of a given size; null (the default) for all.</param>
    public static BatchLoader ForTraining(
        SampleSet set, TrainingRecipe recipe, PixelNormalization normalization, ulong seed, int workers,
        Func<int, (int First, int End)>? own = null)
    {
        var isFrames = set.Shape.IsFrames;
        var mixing = new BatchMixing(isFrames ? recipe.Frames.Mixing : recipe.Images.Mixing, seed);
        var eraser = isFrames || recipe.Images.Erasing is null ? null : new Eraser(recipe.Images.Erasing);
        return new(set, recipe.BatchSize, Augmentation(recipe, set.Shape, normalization), seed, workers, mixing, eraser, own: own);
    }

    /// <summary>The augmentation of a recipe.</summary>
    public static ISampleAugmentation Augmentation(TrainingRecipe recipe, SampleShape shape, PixelNormalization normalization) =>
        shape.IsFrames
            ? new EventFrameAugmentation(recipe.Frames)
            : new ImageAugmentation(recipe.Images, shape, ImageAugmentation.MeanColor(normalization));

    /// <summary>Batches per epoch.</summary>
    public int BatchesPerEpoch => (set.Count + batchSize - 1) / batchSize;

    /// <summary>The samples of a batch, by its index from 0.</summary>
    public int CountOf(int index) => Math.Min(batchSize, set.Count - (index * batchSize));

    /// <summary>Where the time of the latest epoch has gone so far.</summary>
    public LoaderTimes Times => _began is not { } began
        ? default
        : new(_time.GetElapsedTime(began, _ended ?? _time.GetTimestamp()), _waited, _time.GetElapsedTime(0, Interlocked.Read(ref _busy)));

    /// <summary>The batches of one epoch, in order; the caller disposes each.</summary>
    /// <param name="epoch">From 1; 0 for an evaluation.</param>
    /// <param name="skip">Batches to skip because they are done already. The default is 0.</param>
    /// <param name="end">The index of the batch to stop before; null (the default) for the end of the epoch.</param>
    public IEnumerable<SampleBatch> Epoch(int epoch, int skip = 0, int? end = null)
    {
        (_began, _ended, _waited, _busy) = (_time.GetTimestamp(), null, TimeSpan.Zero, 0);
        var order = Order(epoch).AsMemory(0, Math.Min(set.Count, (end ?? BatchesPerEpoch) * batchSize));
        var pending = new Queue<Task<SampleBatch>>();
        var next = Math.Min(order.Length, skip * batchSize);
        try
        {
            while (next < order.Length || pending.Count > 0)
            {
                // One more than the workers: the consumer computes on that one.
                while (next < order.Length && pending.Count <= workers)
                {
                    var step = next / batchSize;
                    var part = order.Slice(next, Math.Min(batchSize, order.Length - next));
                    pending.Enqueue(Task.Run(() => Make(part, epoch, step)));
                    next += part.Length;
                }
                var asked = _time.GetTimestamp();
                var batch = pending.Dequeue().GetAwaiter().GetResult();
                _waited += _time.GetElapsedTime(asked);
                yield return batch;
            }
        }
        finally
        {
            _ended = _time.GetTimestamp();
            while (pending.TryDequeue(out var unused))
            {
                unused.ContinueWith(
                    t => t.Result.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously);
                ((IAsyncResult)unused).AsyncWaitHandle.WaitOne();
            }
        }
    }

    private int[] Order(int epoch)
    {
        if (augmentation is null)
        {
            return set.Indices;
        }
        var order = (int[])set.Indices.Clone();
        var random = RandomStream.For(RandomPurpose.Shuffle, seed, (ulong)epoch, 0);
        random.Shuffle<int>(order);
        return order;
    }

    private SampleBatch Make(ReadOnlyMemory<int> samples, int epoch, int step)
    {
        var started = _time.GetTimestamp();
        var shape = augmentation?.Result(set.Shape) ?? set.Shape;
        var batch = new SampleBatch(shape, samples.Length, own?.Invoke(samples.Length), mixing?.Draw(epoch, step, shape))
        {
            Remade = () => Make(samples, epoch, step),
            Weights = set.Weights is null ? null : new float[samples.Length],
            Teacher = set.Teacher is null ? null : new float[samples.Length * set.Teacher.Width],
        };
        try
        {
            Fill(batch, samples.Span, epoch);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Add(ref _busy, _time.GetTimestamp() - started);
        }
    }

    private void Fill(SampleBatch batch, ReadOnlySpan<int> samples, int epoch)
    {
        var raw = augmentation is { IsIdentity: false } && _originals is null ? ArrayPool<byte>.Shared.Rent(set.Shape.Bytes) : null;
        for (var i = 0; i < samples.Length; i++)
        {
            batch.Labels[i] = set.Source.Label(samples[i]);
            if (set.Weights is not null)
            {
                batch.Weights![i] = set.Weights[samples[i]];
            }
            set.Teacher?.Read(samples[i], batch.Teacher.AsSpan(i * set.Teacher.Width, set.Teacher.Width));
            if (!batch.Holds(i))
            {
                continue;
            }
            var random = RandomStream.For(RandomPurpose.Augmentation, seed, (ulong)epoch, (ulong)samples[i]);
            Write(samples[i], batch.Sample(i), raw, ref random);
            if (batch.IsOwn(i))
            {
                eraser?.Draw(i - batch.Own.First, set.Shape, ref random, batch.Erased);
            }
        }
        if (raw is not null)
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
        if (batch.Held > 0)
        {
            batch.Mix.Apply(batch.Pixels, batch.Held, batch.Shape);
        }
    }

    private void Write(int sample, Span<byte> target, byte[]? raw, ref RandomStream random)
    {
        if (raw is null)
        {
            (_originals ?? set.Source).Write(sample, target, ref random);
            return;
        }
        var stored = raw.AsSpan(0, set.Shape.Bytes);
        set.Source.Write(sample, stored, ref random);
        augmentation!.Apply(stored, set.Shape, target, ref random);
    }
}

/// <summary>How the time of an epoch was spent on its batches.</summary>
/// <param name="Elapsed">From the request for the first batch until now, or until the end of the epoch.</param>
/// <param name="Waited">The time that the consumer waited for batches.</param>
/// <param name="Busy">The time spent preparing batches, summed over the workers.</param>
internal readonly record struct LoaderTimes(TimeSpan Elapsed, TimeSpan Waited, TimeSpan Busy)
{
    /// <summary>The share of the time that the consumer waited, 0 to 1.</summary>
    public double WaitShare => Elapsed > TimeSpan.Zero ? Waited / Elapsed : 0;
}

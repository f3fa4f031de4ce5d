namespace MsVit.MLNet;

/// <summary>Inputs of several rows, captured one by one, then decoded and resized together on several threads.</summary>
/// <param name="reader">Reads the input column.</param>
/// <param name="capacity">The most inputs that the batch holds.</param>
internal sealed class InputBatch(InputColumnReader reader, int capacity)
{
    private readonly byte[] _samples = new byte[checked(reader.Shape.Bytes * capacity)];
    private readonly CapturedInput[] _captured = new CapturedInput[capacity];

    /// <summary>What one sample is.</summary>
    public SampleShape Shape => reader.Shape;

    /// <summary>How many inputs were captured.</summary>
    public int Count { get; private set; }

    /// <summary>Why an input could not be read; null if it could.</summary>
    public UndecodableImageException?[] Faults { get; } = new UndecodableImageException?[capacity];

    /// <summary>All samples, [Count, C, H, W] or [Count, T, C, H, W]; zeros for an input that could not be read.</summary>
    public ReadOnlySpan<byte> Samples => _samples.AsSpan(0, Count * Shape.Bytes);

    /// <summary>One sample, [C, H, W] or [T, C, H, W].</summary>
    public ReadOnlySpan<byte> Sample(int index) => _samples.AsSpan(index * Shape.Bytes, Shape.Bytes);

    /// <summary>The bytes of one image file; empty if the column does not hold files.</summary>
    public ReadOnlySpan<byte> Encoded(int index) => _captured[index].Encoded;

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Array.Clear(_captured);
        Count = 0;
    }

    /// <summary>Captures the input of the cursor's current row.</summary>
    public void Capture() => _captured[Count++] = reader.Capture();

    /// <summary>Decodes and resizes the captured inputs.</summary>
    /// <param name="workers">The most threads to use.</param>
    public void Fit(int workers)
    {
        if (Count == 1)
        {
            Fit(0, 1);
            return;
        }
        var parts = Math.Min(workers, Count);
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers };
        Parallel.For(0, parts, options, part => Fit(Count * part / parts, Count * (part + 1) / parts));
    }

    private void Fit(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var sample = _samples.AsSpan(i * Shape.Bytes, Shape.Bytes);
            try
            {
                reader.Fit(_captured[i], sample);
                Faults[i] = null;
            }
            catch (UndecodableImageException fault)
            {
                sample.Clear();
                Faults[i] = fault;
            }
        }
    }
}

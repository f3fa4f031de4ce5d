namespace MsVit.MLNet;

/// <summary>Captured images that are decoded and resized together, on all cores.</summary>
/// <param name="reader">Of the column.</param>
/// <param name="capacity">The most images.</param>
internal sealed class ImageBatch(ImageColumnReader reader, int capacity)
{
    private readonly byte[] _samples = new byte[checked(reader.Shape.Bytes * capacity)];
    private readonly CapturedImage[] _captured = new CapturedImage[capacity];

    /// <summary>What one sample is.</summary>
    public SampleShape Shape => reader.Shape;

    /// <summary>How many images were captured.</summary>
    public int Count { get; private set; }

    /// <summary>Why an image could not be read; null where it could.</summary>
    public UndecodableImageException?[] Faults { get; } = new UndecodableImageException?[capacity];

    /// <summary>All samples, [Count, C, H, W]; zeros where an image could not be read.</summary>
    public ReadOnlySpan<byte> Samples => _samples.AsSpan(0, Count * Shape.Bytes);

    /// <summary>One sample, [C, H, W].</summary>
    public ReadOnlySpan<byte> Sample(int index) => _samples.AsSpan(index * Shape.Bytes, Shape.Bytes);

    /// <summary>The bytes of one image's file; empty where it did not come as a file.</summary>
    public ReadOnlySpan<byte> Encoded(int index) => _captured[index].Encoded;

    /// <summary>Forgets all images.</summary>
    public void Clear()
    {
        Array.Clear(_captured);
        Count = 0;
    }

    /// <summary>Takes the image of the row on which the cursor stands.</summary>
    public void Capture() => _captured[Count++] = reader.Capture();

    /// <summary>Decodes and resizes what was captured.</summary>
    /// <param name="workers">The most threads to use.</param>
    public void Fit(int workers)
    {
        if (Count == 1)
        {
            Fit(0, 1);
            return;
        }
        var parts = Math.Min(workers, Count);
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = workers }, part => Fit(Count * part / parts, Count * (part + 1) / parts));
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

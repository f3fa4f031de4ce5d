using System.Runtime.CompilerServices;

namespace MsVit.MLNet;

/// <summary>Labeled samples of one length or of any, kept in memory up to a budget and in memory-mapped files beyond it.</summary>
/// <remarks>
/// Filled by one thread with <see cref="Add"/>, then closed with <see cref="Seal"/>; from then on <see cref="Read"/>, <see cref="Length"/>
/// and <see cref="Label"/> may be called by any number of threads. A sample takes 16 bytes of index beside its own. The files are gone after
/// <see cref="Dispose"/>.
/// </remarks>
internal sealed class SampleStore : IDisposable
{
    private const int ChunkBytes = 16 << 20;
    private const int FileBytes = 1 << 30;

    private readonly List<IByteSegment> _segments = [];
    private readonly List<SamplePlace> _places = [];
    private readonly List<int> _labels = [];
    private readonly int? _sampleBytes;
    private readonly long _memoryBudget;
    private readonly string _workspace;
    private long _memoryBytes;
    private bool _sealed;

    /// <summary>Makes an empty store for samples of any length, 0 included.</summary>
    /// <param name="memoryBudget">Bytes kept in memory; once a sample does not fit, it and all that come after go to files.</param>
    /// <param name="workspace">The folder of these; it is made when it is needed.</param>
    public SampleStore(long memoryBudget, string workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        _memoryBudget = memoryBudget;
        _workspace = workspace;
    }

    /// <summary>Makes an empty store for samples of one length.</summary>
    /// <param name="sampleBytes">Bytes of one sample, at least 1.</param>
    /// <param name="memoryBudget">Bytes kept in memory; once a sample does not fit, it and all that come after go to files.</param>
    /// <param name="workspace">The folder of these; it is made when it is needed.</param>
    public SampleStore(int sampleBytes, long memoryBudget, string workspace)
        : this(memoryBudget, workspace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleBytes, 1);
        _sampleBytes = sampleBytes;
    }

    /// <summary>How many samples will come, if known; for the message when the disk is full.</summary>
    public long? ExpectedCount { get; init; }

    /// <summary>The most bytes of one file, which a single longer sample alone exceeds. The default is 1 GiB.</summary>
    public int FileCapacity { get; init; } = FileBytes;

    /// <summary>What makes a segment on disk; the default is a temporary file in the workspace.</summary>
    public Func<string, int, FileSegment> CreateFile { get; init; } = static (folder, capacity) => new(SpillFile.Create(folder), capacity);

    /// <summary>How many samples there are.</summary>
    public int Count => _labels.Count;

    /// <summary>Bytes of all samples.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Bytes that lie in files, not in memory.</summary>
    public long SpilledBytes => _segments.OfType<FileSegment>().Sum(file => (long)file.Length);

    /// <summary>Bytes that are kept about the samples: where they lie and their labels.</summary>
    public long IndexBytes => ((long)_places.Capacity * Unsafe.SizeOf<SamplePlace>()) + ((long)_labels.Capacity * sizeof(int));

    /// <summary>Adds one sample at the end.</summary>
    /// <param name="sample">Its bytes; exactly as many as the store is for.</param>
    /// <param name="label">Its class index, from 0.</param>
    /// <exception cref="IOException">The workspace is full or cannot be written; the message says what is needed.</exception>
    public void Add(ReadOnlySpan<byte> sample, int label)
    {
        if (_sealed)
        {
            throw new InvalidOperationException("The sample store is sealed: nothing can be added.");
        }
        if (_sampleBytes is { } bytes && sample.Length != bytes)
        {
            throw new ArgumentException($"A sample has {bytes} bytes here, this one {sample.Length}.", nameof(sample));
        }
        try
        {
            _places.Add(Place(sample));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Full(cause, sample.Length);
        }
        _labels.Add(label);
        TotalBytes += sample.Length;
    }

    /// <summary>Ends the filling and opens the store for readers.</summary>
    public void Seal()
    {
        _sealed = true;
        foreach (var segment in _segments)
        {
            segment.Seal();
        }
        _places.Capacity = _places.Count;
        _labels.Capacity = _labels.Count;
    }

    /// <summary>The class index of a sample.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>Bytes of a sample.</summary>
    public int Length(int index) => _places[index].Length;

    /// <summary>Copies one sample out.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">Takes <see cref="Length"/> bytes.</param>
    public void Read(int index, Span<byte> destination)
    {
        var place = _places[index];
        if (place.Length > 0)
        {
            _segments[place.Segment].Read(place.Offset, destination[..place.Length]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
        _segments.Clear();
        _places.Clear();
        _labels.Clear();
    }

    private SamplePlace Place(ReadOnlySpan<byte> sample)
    {
        if (sample.IsEmpty)
        {
            return default;
        }
        if (_segments.Count == 0 || !_segments[^1].TryAppend(sample, out var offset))
        {
            var next = NextSegment(sample.Length);
            _segments.Add(next);
            next.TryAppend(sample, out offset);
        }
        return new(_segments.Count - 1, offset, sample.Length);
    }

    private IByteSegment NextSegment(int length)
    {
        var left = _memoryBudget - _memoryBytes;
        if (_segments is [.., FileSegment] || length > left)
        {
            return CreateFile(_workspace, Math.Max(length, FileCapacity));
        }
        var capacity = (int)Math.Min(left, Math.Max(length, ChunkBytes));
        _memoryBytes += capacity;
        return new MemorySegment(capacity);
    }

    private IOException Full(Exception cause, int length)
    {
        var (bytes, count) = (TotalBytes + length, Count + 1);
        var needed = ExpectedCount is { } expected && expected > count ? (long)((double)bytes / count * expected) : bytes;
        return new($"The folder '{Path.GetFullPath(_workspace)}' cannot take the samples: {cause.Message} About {Math.Max(length, needed - _memoryBytes)} bytes are needed there "
            + $"({(ExpectedCount is null ? "so far, " : "")}{SpilledBytes} are written). Set WorkspacePath to a folder that can be written and has that much room, "
            + $"or raise MemoryBudget, which is {_memoryBudget} bytes.", cause);
    }
}

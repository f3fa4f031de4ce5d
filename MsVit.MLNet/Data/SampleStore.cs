using System.Runtime.CompilerServices;

namespace MsVit.MLNet;

/// <summary>Labeled samples of equal or varying length, kept in memory up to a budget and in memory-mapped files beyond it.</summary>
/// <remarks>
/// One thread fills the store with <see cref="Add"/> and closes it with <see cref="Seal"/>. Then any number of threads may call
/// <see cref="Read"/>, <see cref="Length"/> and <see cref="Label"/>. A sample needs 16 bytes of index in addition to its data.
/// <see cref="Dispose"/> deletes the files.
/// </remarks>
internal sealed class SampleStore : IDisposable
{
    private const int ChunkBytes = 16 << 20;
    private const int FileBytes = 1 << 30;

    private readonly List<IByteSegment> _segments = [];
    private readonly List<SampleLocation> _locations = [];
    private readonly List<int> _labels = [];
    private readonly int? _sampleBytes;
    private readonly long _memoryBudget;
    private readonly string _workspace;
    private long _memoryBytes;
    private bool _sealed;

    /// <summary>Creates an empty store for samples of any length, including 0.</summary>
    /// <param name="memoryBudget">
    /// Bytes to keep in memory. The first sample that does not fit goes to a file, and so do all later ones.
    /// </param>
    /// <param name="workspace">The folder for the files, created when needed.</param>
    public SampleStore(long memoryBudget, string workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        _memoryBudget = memoryBudget;
        _workspace = workspace;
    }

    /// <summary>Creates an empty store for samples of one length.</summary>
    /// <param name="sampleBytes">The size of one sample in bytes, at least 1.</param>
    /// <param name="memoryBudget">
    /// Bytes to keep in memory. The first sample that does not fit goes to a file, and so do all later ones.
    /// </param>
    /// <param name="workspace">The folder for the files, created when needed.</param>
    public SampleStore(int sampleBytes, long memoryBudget, string workspace)
        : this(memoryBudget, workspace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleBytes, 1);
        _sampleBytes = sampleBytes;
    }

    /// <summary>The expected number of samples, if known; used in the message for a full disk.</summary>
    public long? ExpectedCount { get; init; }

    /// <summary>The maximum size of a file in bytes. Only a single larger sample exceeds it. The default is 1 GiB.</summary>
    public int FileCapacity { get; init; } = FileBytes;

    /// <summary>Creates a segment on disk; by default a temporary file in the workspace.</summary>
    public Func<string, int, FileSegment> CreateFile { get; init; } = static (folder, capacity) => new(SpillFile.Create(folder), capacity);

    /// <summary>The number of samples.</summary>
    public int Count => _labels.Count;

    /// <summary>The size of all samples in bytes.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>The number of bytes in files.</summary>
    public long SpilledBytes => _segments.OfType<FileSegment>().Sum(file => (long)file.Length);

    /// <summary>The size of the index in bytes: locations and labels.</summary>
    public long IndexBytes => ((long)_locations.Capacity * Unsafe.SizeOf<SampleLocation>()) + ((long)_labels.Capacity * sizeof(int));

    /// <summary>Appends a sample.</summary>
    /// <param name="sample">Its bytes, exactly as many as the store expects.</param>
    /// <param name="label">Its class index, from 0, or <see cref="SampleSet.NoLabel"/>.</param>
    /// <exception cref="IOException">The workspace is full or not writable; the message says what is needed.</exception>
    public void Add(ReadOnlySpan<byte> sample, int label)
    {
        if (_sealed)
        {
            throw new InvalidOperationException("The sample store is sealed; no samples can be added.");
        }
        if (_sampleBytes is { } bytes && sample.Length != bytes)
        {
            throw new ArgumentException($"The sample has {sample.Length} bytes; expected {bytes} bytes.", nameof(sample));
        }
        try
        {
            _locations.Add(Append(sample));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Full(cause, sample.Length);
        }
        _labels.Add(label);
        TotalBytes += sample.Length;
    }

    /// <summary>Ends the filling and opens the store for reading.</summary>
    public void Seal()
    {
        _sealed = true;
        foreach (var segment in _segments)
        {
            segment.Seal();
        }
        _locations.Capacity = _locations.Count;
        _labels.Capacity = _labels.Count;
    }

    /// <summary>The class index of a sample.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>The size of a sample in bytes.</summary>
    public int Length(int index) => _locations[index].Length;

    /// <summary>Copies a sample.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">A span of at least <see cref="Length"/> bytes.</param>
    public void Read(int index, Span<byte> destination)
    {
        var location = _locations[index];
        if (location.Length > 0)
        {
            _segments[location.Segment].Read(location.Offset, destination[..location.Length]);
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
        _locations.Clear();
        _labels.Clear();
    }

    private SampleLocation Append(ReadOnlySpan<byte> sample)
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
        var available = _memoryBudget - _memoryBytes;
        if (_segments is [.., FileSegment] || length > available)
        {
            return CreateFile(_workspace, Math.Max(length, FileCapacity));
        }
        var capacity = (int)Math.Min(available, Math.Max(length, ChunkBytes));
        _memoryBytes += capacity;
        return new MemorySegment(capacity);
    }

    private IOException Full(Exception cause, int length)
    {
        var (bytes, count) = (TotalBytes + length, Count + 1);
        var needed = ExpectedCount is { } expected && expected > count ? (long)((double)bytes / count * expected) : bytes;
        return new(
            $"The samples cannot be written to the folder '{Path.GetFullPath(_workspace)}': {cause.Message} "
            + $"About {Math.Max(length, needed - _memoryBytes)} bytes are needed there "
            + $"({(ExpectedCount is null ? "so far, " : "")}{SpilledBytes} have been written). "
            + "Set WorkspacePath to a writable folder with enough free space, "
            + $"or raise MemoryBudget, which is {_memoryBudget} bytes.", cause);
    }
}

using System.IO.MemoryMappedFiles;

namespace MsVit.MLNet.Data;

/// <summary>Labelled samples of one size, kept in memory up to a budget and in a memory-mapped file beyond it.</summary>
/// <remarks>
/// Filled by one thread with <see cref="Add"/>, then closed with <see cref="Seal"/>; from then on <see cref="Read"/> and
/// <see cref="Label"/> may be called by any number of threads. The file has no name in the folder of another run, is opened
/// with delete-on-close, and is gone after <see cref="Dispose"/>.
/// </remarks>
internal sealed class SampleStore : IDisposable
{
    private const int ChunkBytes = 16 << 20;

    private readonly List<byte[]> _chunks = [];
    private readonly List<int> _labels = [];
    private readonly string _workspace;
    private readonly int _samplesPerChunk;
    private readonly long _memorySamples;
    private FileStream? _spill;
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private bool _sealed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="sampleBytes">Bytes of one sample, at least 1.</param>
    /// <param name="memoryBudget">Bytes of samples kept in memory; what comes after goes to the file.</param>
    /// <param name="workspace">The folder of that file; it is made when it is needed.</param>
    public SampleStore(int sampleBytes, long memoryBudget, string workspace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBudget);
        SampleBytes = sampleBytes;
        _workspace = workspace;
        _samplesPerChunk = Math.Max(1, ChunkBytes / sampleBytes);
        _memorySamples = memoryBudget / sampleBytes;
    }

    /// <summary>Bytes of one sample.</summary>
    public int SampleBytes { get; }

    /// <summary>How many samples there are.</summary>
    public int Count => _labels.Count;

    /// <summary>Bytes that lie in the file, not in memory.</summary>
    public long SpilledBytes => _spill?.Length ?? 0;

    /// <summary>Adds one sample at the end.</summary>
    /// <param name="sample">Its bytes; exactly <see cref="SampleBytes"/>.</param>
    /// <param name="label">Its class index, from 0.</param>
    public void Add(ReadOnlySpan<byte> sample, int label)
    {
        if (_sealed)
        {
            throw new InvalidOperationException("The sample store is sealed: nothing can be added.");
        }
        if (sample.Length != SampleBytes)
        {
            throw new ArgumentException($"A sample has {SampleBytes} bytes here, this one {sample.Length}.", nameof(sample));
        }
        if (Count < _memorySamples)
        {
            var (chunk, offset) = Place(Count);
            if (chunk == _chunks.Count)
            {
                var samples = Math.Min(_samplesPerChunk, _memorySamples - Count);
                _chunks.Add(GC.AllocateUninitializedArray<byte>(checked((int)(samples * SampleBytes))));
            }
            sample.CopyTo(_chunks[chunk].AsSpan(offset));
        }
        else
        {
            (_spill ??= CreateSpill()).Write(sample);
        }
        _labels.Add(label);
    }

    /// <summary>Ends the filling and opens the store for readers.</summary>
    public void Seal()
    {
        _sealed = true;
        if (_spill is not null && _map is null)
        {
            _spill.Flush();
            _map = MemoryMappedFile.CreateFromFile(_spill, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
    }

    /// <summary>The class index of a sample.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>Copies one sample out.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">Takes <see cref="SampleBytes"/> bytes.</param>
    public void Read(int index, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        if (index < _memorySamples)
        {
            var (chunk, offset) = Place(index);
            _chunks[chunk].AsSpan(offset, SampleBytes).CopyTo(destination);
            return;
        }
        if (_view is null)
        {
            throw new InvalidOperationException("The sample store must be sealed before it is read.");
        }
        var position = (index - _memorySamples) * SampleBytes;
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(_view.PointerOffset + position), destination[..SampleBytes]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.Dispose();
        _map?.Dispose();
        _spill?.Dispose();
        _chunks.Clear();
        _labels.Clear();
    }

    private (int Chunk, int Offset) Place(int index) => (index / _samplesPerChunk, index % _samplesPerChunk * SampleBytes);

    private FileStream CreateSpill()
    {
        Directory.CreateDirectory(_workspace);
        var path = Path.Combine(_workspace, $"samples-{Environment.ProcessId}-{Path.GetRandomFileName()}.tmp");
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 1 << 20,
        });
    }
}

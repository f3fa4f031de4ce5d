namespace MsVit.MLNet;

/// <summary>A checked CIFAR binary file: labels in memory, images read from the file one by one when they are asked for.</summary>
/// <remarks>The file is open only during a call. Thread-safe.</remarks>
internal sealed class CifarReader
{
    private readonly byte[] _labels;
    private readonly byte[] _coarseLabels;

    /// <summary>Reads and checks every label of a file.</summary>
    /// <param name="path">A file such as data_batch_1.bin or train.bin.</param>
    /// <param name="set">Which of the two sets it belongs to.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The length is not a multiple of the record, or a label is out of range.</exception>
    public CifarReader(string path, CifarSet set)
    {
        Path = path;
        Set = set;
        Count = CheckedCount();
        _labels = new byte[Count];
        _coarseLabels = new byte[set.LabelBytes == 2 ? Count : 0];
        ReadLabels();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The set that the file belongs to.</summary>
    public CifarSet Set { get; }

    /// <summary>The number of records, at least 1.</summary>
    public int Count { get; }

    /// <summary>The (fine) label of a record, from 0.</summary>
    public int Label(int record) => _labels[record];

    /// <summary>The superclass of a record, from 0; CIFAR-100 alone has it.</summary>
    public int CoarseLabel(int record) => _coarseLabels[record];

    /// <summary>Reads the image of a record.</summary>
    /// <param name="record">From 0.</param>
    /// <param name="planar">[3, 32, 32]: 3,072 bytes.</param>
    /// <exception cref="InvalidDataException">The file has become shorter since it was checked.</exception>
    public void ReadPixels(int record, Span<byte> planar)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(record);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(record, Count);
        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var offset = ((long)record * Set.RecordBytes) + Set.LabelBytes;
        var rest = planar[..CifarSet.PixelBytes];
        while (!rest.IsEmpty)
        {
            var read = RandomAccess.Read(file, rest, offset);
            if (read == 0)
            {
                throw new InvalidDataException($"{Path}, record {record}: the file ends at byte {offset}, inside the image. "
                    + "It was longer when it was opened; leave it alone while it is in use.");
            }
            offset += read;
            rest = rest[read..];
        }
    }

    private int CheckedCount()
    {
        var length = new FileInfo(Path).Length;
        if (length == 0 || length % Set.RecordBytes != 0)
        {
            throw new InvalidDataException($"{Path}: the file has {length} bytes; a {Set.Name} binary file is one or more records of "
                + $"{Set.RecordBytes} bytes ({length % Set.RecordBytes} bytes are over after record {length / Set.RecordBytes}). "
                + "Use the unpacked .bin files of the binary version, and download a damaged one again.");
        }
        return checked((int)(length / Set.RecordBytes));
    }

    private void ReadLabels()
    {
        using var file = new FileStream(
            Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, FileOptions.SequentialScan);
        var record = new byte[Set.RecordBytes];
        for (var i = 0; i < Count; i++)
        {
            file.ReadExactly(record);
            _labels[i] = Checked(record[Set.LabelBytes - 1], Set.ClassNames.Count, "label", i, Set.LabelBytes - 1);
            if (Set.LabelBytes == 2)
            {
                _coarseLabels[i] = Checked(record[0], Set.CoarseNames.Count, "coarse label", i, 0);
            }
        }
    }

    private byte Checked(byte label, int classes, string what, int record, int labelByte) => label < classes
        ? label
        : throw new InvalidDataException($"{Path}, record {record}, byte {((long)record * Set.RecordBytes) + labelByte}: the {what} is "
            + $"{label}; "
            + $"{Set.Name} has 0 to {classes - 1}. Check that the file belongs to this set, and download it again if it does.");
}

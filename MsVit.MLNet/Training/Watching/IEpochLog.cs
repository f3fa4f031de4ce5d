namespace MsVit.MLNet;

/// <summary>A file, or a folder of files, that takes the record of each epoch.</summary>
internal interface IEpochLog
{
    /// <summary>Where it is written.</summary>
    string Path { get; }

    /// <summary>Writes an epoch so that it lies in the file when the call returns.</summary>
    /// <remarks>
    /// The first record says where the run begins: what an earlier run wrote of this epoch and later ones is dropped,
    /// what it wrote of those before stays.
    /// </remarks>
    /// <exception cref="IOException">It cannot be written. A later call writes this record too.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    void Write(EpochRecord record);
}

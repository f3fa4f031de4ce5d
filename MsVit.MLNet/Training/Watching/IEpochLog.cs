namespace MsVit.MLNet;

/// <summary>A file or folder that receives the record of each epoch.</summary>
internal interface IEpochLog
{
    /// <summary>The path of the file or folder.</summary>
    string Path { get; }

    /// <summary>Writes an epoch. It is in the file when the call returns.</summary>
    /// <remarks>
    /// The first record determines where the run begins: what an earlier run wrote about this epoch and later ones is removed; earlier
    /// epochs are kept.
    /// </remarks>
    /// <exception cref="IOException">The log cannot be written. A later call writes this record, too.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    void Write(EpochRecord record);
}

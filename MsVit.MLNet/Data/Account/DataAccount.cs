using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>
/// What a data set holds: how many samples of which class and part, what was passed over and why, what cannot be read, what occurs twice,
/// and what a user should know before training on it.
/// </summary>
public sealed record DataAccount
{
    /// <summary>The path as it was given.</summary>
    public required string Path { get; init; }

    /// <summary>Images or recordings; null if there are none or it is not clear which are meant.</summary>
    public required SampleKind? Kind { get; init; }

    /// <summary>The parts, training first; a single one without a name if the set has no parts.</summary>
    public required IReadOnlyList<DataPartAccount> Parts { get; init; }

    /// <summary>Files that are not read, by ending and reason, the most frequent first.</summary>
    public IReadOnlyList<PassedOverFiles> PassedOver { get; init; } = [];

    /// <summary>Files that are samples by their name or place, and cannot be read.</summary>
    public IReadOnlyList<UnreadableFile> Unreadable { get; init; } = [];

    /// <summary>Groups of files with equal content.</summary>
    public IReadOnlyList<DuplicateFiles> Duplicates { get; init; } = [];

    /// <summary>What the user should know, fatal problems first.</summary>
    public IReadOnlyList<DataProblem> Problems { get; init; } = [];

    /// <summary>If every file was decoded: images or sensors of each size, the most frequent first.</summary>
    public IReadOnlyList<SizeCount> Sizes { get; init; } = [];

    /// <summary>If every recording was decoded: one entry for each that can be read.</summary>
    public IReadOnlyList<RecordingAccount> Recordings { get; init; } = [];

    /// <summary>Whether every file was decoded; if not, only the first bytes of each were read.</summary>
    public bool IsDecoded { get; init; }

    /// <summary>The number of samples in all parts, unreadable ones included.</summary>
    public int Samples => Parts.Sum(part => part.Samples);

    /// <summary>The samples, for those who load them.</summary>
    internal IReadOnlyList<AccountedPart> Files { get; init; } = [];

    /// <summary>Makes the account of a folder with one subfolder per class, of such folders in parts, or of a list.</summary>
    /// <param name="path">The folder; or a text table with the columns path and label; or a list of DVS128 Gesture.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The account. Its problems may be fatal; nothing is thrown for them.</returns>
    /// <exception cref="FileNotFoundException">There is no such file or folder, or a list names missing files.</exception>
    /// <exception cref="FormatException">A list is malformed; the message gives the line.</exception>
    /// <exception cref="OperationCanceledException">The account was canceled.</exception>
    public static DataAccount Of(string path, DataAccountOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        return Directory.Exists(path) ? FolderAccount.Of(path, options)
            : File.Exists(path) ? ListAccount.Of(path, options)
            : throw new FileNotFoundException($"There is no file or folder {System.IO.Path.GetFullPath(path)}.", path);
    }

    /// <summary>The part to train on or to test on; null if there is none.</summary>
    /// <remarks>
    /// Where a set has no test part, the validation part takes its place. A set without parts is one part for everything.
    /// </remarks>
    public DataPartAccount? Part(DataSplit split) =>
        Parts.FirstOrDefault(part => part.Split == split || part.Split is null)
        ?? (split == DataSplit.Test ? Parts.FirstOrDefault(part => part.Split == DataSplit.Validation) : null);

    /// <summary>Formats the account in a few lines: what there is, what is passed over, what cannot be read, and the problems.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Join(Environment.NewLine, AccountText.Lines(this));
}

/// <summary>A part of a data set.</summary>
/// <param name="Name">The name of its folder; empty if the set has no parts.</param>
/// <param name="Split">What it is for; null if the set has no parts.</param>
/// <param name="Path">Its folder, or the list.</param>
/// <param name="Classes">The samples of each class, in ordinal order.</param>
public sealed record DataPartAccount(string Name, DataSplit? Split, string Path, IReadOnlyList<ClassCount> Classes)
{
    /// <summary>The number of samples, unreadable ones included.</summary>
    public int Samples => Classes.Sum(count => count.Count);
}

/// <summary>The samples of a class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Count">The number of its samples, unreadable ones included.</param>
public readonly record struct ClassCount(string Label, int Count);

/// <summary>The samples of a size.</summary>
/// <param name="Size">Width and height in pixels, such as "640 x 480".</param>
/// <param name="Count">The number of samples.</param>
public readonly record struct SizeCount(string Size, int Count);

/// <summary>Files that are not read.</summary>
/// <param name="Ending">Their ending, such as ".tif", or "without an ending".</param>
/// <param name="Reason">What they are, and what to do if they are meant.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Examples">The paths of the first few.</param>
public sealed record PassedOverFiles(string Ending, string Reason, int Count, IReadOnlyList<string> Examples);

/// <summary>A sample that cannot be read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record UnreadableFile(string Path, string Reason);

/// <summary>A recording that was decoded.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Its format.</param>
/// <param name="Sensor">The size that the file, its format or the options state; else the size that the events need.</param>
/// <param name="IsSensorStated">Whether the size is stated.</param>
/// <param name="Events">The number of events in it, or in its slice.</param>
/// <param name="Duration">From the first of these events to the last.</param>
public sealed record RecordingAccount(
    string Path, EventFormat Format, SensorSize Sensor, bool IsSensorStated, long Events, TimeSpan Duration);

/// <summary>The files of a part.</summary>
/// <param name="Part">The part.</param>
/// <param name="Samples">What is loaded, in order.</param>
internal sealed record AccountedPart(DataPartAccount Part, IReadOnlyList<AccountedSample> Samples);

/// <summary>A sample: a file, or for a list of recordings a slice of one.</summary>
internal sealed record AccountedSample(ScannedFile File, long Start = long.MinValue, long End = long.MaxValue);

namespace MsVit.MLNet;

/// <summary>Something about a data set that its user should know before a model is trained on it.</summary>
/// <param name="Kind">What kind of problem it is.</param>
/// <param name="Message">What was found and what was expected.</param>
/// <param name="Remedy">What to do, in the words of this library.</param>
public sealed record DataProblem(DataProblemKind Kind, string Message, string Remedy)
{
    /// <summary>Whether a model of this data would be worthless, so that the loaders refuse it.</summary>
    public bool IsFatal { get; init; }

    /// <summary>The path of the part that it is about; null for the whole set.</summary>
    public string? Part { get; init; }

    /// <summary>A problem that makes a model worthless.</summary>
    internal static DataProblem Fatal(DataProblemKind kind, string message, string remedy = "") =>
        new(kind, message, remedy.Trim()) { IsFatal = true };

    /// <summary>Formats the problem and its remedy as one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Remedy.Length == 0 ? Message : $"{Message} {Remedy}";
}

/// <summary>Kinds of problems with a data set.</summary>
public enum DataProblemKind
{
    /// <summary>There are no images or recordings.</summary>
    NoData,

    /// <summary>There is only one class.</summary>
    OneClass,

    /// <summary>Images or recordings lie beside the class folders.</summary>
    Unsorted,

    /// <summary>The folders hold only folders.</summary>
    Nested,

    /// <summary>The folder has parts such as train and test, and a loader needs one of them.</summary>
    HasParts,

    /// <summary>Parts and classes are mixed, a part occurs twice, or parts lie inside classes.</summary>
    MixedParts,

    /// <summary>The part that is needed does not exist.</summary>
    MissingPart,

    /// <summary>A part or a folder is not used.</summary>
    UnusedPart,

    /// <summary>Images and recordings are mixed so that it is not clear which are meant.</summary>
    UnclearKind,

    /// <summary>A class has no images or recordings.</summary>
    EmptyClass,

    /// <summary>Classes whose names differ only in case or in the composition of Unicode characters.</summary>
    SimilarClasses,

    /// <summary>A class has few samples.</summary>
    FewSamples,

    /// <summary>Files were passed over.</summary>
    PassedOver,

    /// <summary>Files cannot be read.</summary>
    Unreadable,

    /// <summary>The same file occurs in two parts, in two classes, or more than once in a class.</summary>
    Duplicates,

    /// <summary>Columns of a list are not used.</summary>
    UnusedColumns,

    /// <summary>Something about recordings: the sensor, the unit of time, or the order of columns.</summary>
    Reading,
}

using System.Runtime.ExceptionServices;
using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>What happens when the input of one row cannot be read.</summary>
internal static class InputFault
{
    private const string Purpose = "To leave out what cannot be read";

    private static readonly RemedyStep Skip = new(RemedyOption.Undecodable, nameof(UndecodableImagePolicy.Skip));

    private static readonly Remedy SkipImage = new(Purpose, [Skip]);

    private static readonly Remedy SkipRecording = new(Purpose, [new(RemedyOption.Unreadable, "Missing"), Skip]);

    /// <summary>Whether an exception of a column's getter is about the file of that row, such as a damaged or vanished recording.</summary>
    public static bool IsOfRow(Exception e) => e is FormatException or IOException or UnauthorizedAccessException;

    /// <summary>The fault of a row whose column could not be read.</summary>
    public static UndecodableImageException Of(string source, Exception cause) =>
        cause as UndecodableImageException ?? new UndecodableImageException(source, Advice.ProblemOf(cause), cause);

    /// <summary>Throws a fault if that is the policy, and says how to go on without the row.</summary>
    /// <exception cref="UndecodableImageException">An image or its file cannot be read.</exception>
    /// <exception cref="EventFormatException">A recording cannot be read.</exception>
    public static void Check(UndecodableImageException? fault, UndecodableImagePolicy policy)
    {
        if (fault is null || policy == UndecodableImagePolicy.Skip)
        {
            return;
        }
        if (fault.InnerException is EventFormatException recording)
        {
            throw recording.With(SkipRecording);
        }
        if (fault.InnerException is IOException or UnauthorizedAccessException)
        {
            ExceptionDispatchInfo.Throw(fault.InnerException);
        }
        throw new UndecodableImageException(fault, SkipImage);
    }

    /// <summary>Moves to the next row. ML.NET reads ahead on other threads, so a column's error may come here, in a wrapper.</summary>
    /// <exception cref="EventFormatException">A recording ahead cannot be read.</exception>
    public static bool MoveNext(DataViewRowCursor cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (InvalidOperationException e) when (e.InnerException is EventFormatException recording)
        {
            throw recording.With(SkipRecording);
        }
    }
}

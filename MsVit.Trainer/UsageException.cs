namespace MsVit.Trainer;

/// <summary>The command line asks for something that cannot be.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Does what the words of the command line ask for, and blames them where it is refused.</summary>
    public static T Check<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(ErrorLine.Of(e), e);
        }
    }
}

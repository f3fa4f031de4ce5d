namespace MsVit.Trainer;

/// <summary>The command line is wrong.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Runs a function, and turns an <see cref="ArgumentException"/> into an error of the command line.</summary>
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

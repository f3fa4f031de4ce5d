namespace MsVit.MLNet;

/// <summary>What is wrong, apart from the options to set, so that the library and the CLI can each use their own names for these.</summary>
/// <param name="Problem">What is wrong and where, with a final period.</param>
/// <param name="Remedies">What the user can do; the alternatives, the best one first.</param>
internal sealed record Advice(string Problem, IReadOnlyList<Remedy> Remedies)
{
    // The key in Exception.Data: the advice goes with exceptions of any type.
    private static readonly object Key = typeof(Advice);

    /// <summary>The advice that an exception carries; null if it carries none.</summary>
    public static Advice? Of(Exception e) => e.Data[Key] as Advice;

    /// <summary>Lets an exception, whose message is in the words of C#, carry its advice.</summary>
    public static T Attach<T>(T exception, string problem, IReadOnlyList<Remedy> remedies)
        where T : Exception
    {
        exception.Data[Key] = new Advice(problem, remedies);
        return exception;
    }

    /// <summary>An error about options that do not fit the data.</summary>
    public static ArgumentException Argument(string problem, params IReadOnlyList<Remedy> remedies) =>
        Attach(new ArgumentException(RemedyText.InCode(problem, remedies)), problem, remedies);

    /// <summary>What is wrong, in any exception: its message without the options to set.</summary>
    public static string ProblemOf(Exception e) => Of(e)?.Problem ?? e.Message;

    /// <summary>The advice in the words of C#.</summary>
    public override string ToString() => RemedyText.InCode(Problem, Remedies);
}

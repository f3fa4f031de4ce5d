using MsVit.MLNet;

namespace MsVit.Trainer.Data;

/// <summary>Problems with a data set in the words of the command line.</summary>
internal static class AccountRemedies
{
    /// <summary>A problem with what the user can do about it.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="mayForce">Whether the command has --force.</param>
    public static string Of(DataProblem problem, bool mayForce)
    {
        var remedy = problem.Kind switch
        {
            DataProblemKind.UnclearKind => "Add --format folder to read the images, or --format events to read the recordings.",
            DataProblemKind.EmptyClass => "Fill or remove it" + (mayForce ? ", or add --force to leave it out." : "."),
            DataProblemKind.NoData => "",
            DataProblemKind.MixedParts => problem.Remedy + (mayForce ? " To take every folder as a class, add --force." : ""),
            DataProblemKind.Nested => problem.Remedy + (mayForce ? " To take these folders as classes, add --force." : ""),
            DataProblemKind.Unreadable => "Restore or remove them"
                + (mayForce ? ", or add --set Undecodable=Skip to leave them out." : "."),
            _ => problem.Remedy,
        };
        return remedy.Length == 0 ? problem.Message : $"{problem.Message} {remedy}";
    }
}

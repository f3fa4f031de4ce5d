using System.CommandLine;

namespace MsVit.Trainer;

/// <summary>A command of msvit, with command lines to try that its help ends with.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines.</summary>
    public IReadOnlyList<string> Examples => examples;
}

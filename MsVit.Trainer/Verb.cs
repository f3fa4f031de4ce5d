using System.CommandLine;

namespace MsVit.Trainer;

/// <summary>A command of msvit with examples, which are printed at the end of its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines.</summary>
    public IReadOnlyList<string> Examples => examples;
}

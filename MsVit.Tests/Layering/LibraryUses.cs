using Mono.Cecil;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Layering;

/// <summary>What the types of the compiled library use, by folder of their source files.</summary>
internal sealed class LibraryUses
{
    private readonly SourceFolders _folders = new();

    public LibraryUses()
    {
        using var library = AssemblyDefinition.ReadAssembly(typeof(MsVitTrainer).Assembly.Location);
        var types = library.MainModule.GetTypes().Where(type => !IsGenerated(type.Outermost())).ToArray();
        Homeless = [.. types.Select(TypeUses.Outermost).Where(type => _folders.Of(type.Name) is null).Select(type => type.FullName)
            .Distinct()];
        Uses =
        [
            .. from type in types
               let folder = _folders.Of(type.Outermost().Name)
               from used in type.Uses()
               let outer = used.Outermost()
               where outer.Scope == library.MainModule && !IsGenerated(outer)
               let other = _folders.Of(outer.Name)
               where folder is not null && other is not null && folder != other
               select new Use(folder, other, $"{type.Outermost().Name} uses {outer.Name}"),
        ];
        Uses = [.. Uses.Distinct()];
        Torch =
        [
            .. from type in types
               let folder = _folders.Of(type.Outermost().Name)
               where folder is not null
               from used in type.Uses()
               where used.Namespace.StartsWith("TorchSharp", StringComparison.Ordinal)
               select new Use(folder, "TorchSharp", $"{type.FullName} uses {used.FullName}"),
        ];
    }

    /// <summary>Types whose source file was not found.</summary>
    public IReadOnlyList<string> Homeless { get; }

    /// <summary>Uses of one folder by another.</summary>
    public IReadOnlyList<Use> Uses { get; }

    /// <summary>Uses of torch.</summary>
    public IReadOnlyList<Use> Torch { get; }

    private static bool IsGenerated(TypeReference type) =>
        type.Name.Contains('<', StringComparison.Ordinal) || type.Namespace.StartsWith("System.", StringComparison.Ordinal)
        || type.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal);
}

/// <summary>A use of one folder by another.</summary>
/// <param name="From">The folder that uses.</param>
/// <param name="To">The folder that is used.</param>
/// <param name="What">Which types.</param>
internal sealed record Use(string From, string To, string What);

using System.CommandLine;
using MsVit.Trainer.Commands;

// The verbs of msvit, one file each in Commands/.
var root = new RootCommand("MsVit: spiking vision transformers for ML.NET.")
{
    PresetsCommand.Create(),
    BenchCommand.Create(),
};
return root.Parse(args).Invoke();

return MsVit.Trainer.CommandLine.Run(args, Console.Out, Console.Error);
